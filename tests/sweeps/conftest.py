import pytest
from shared_study import enter


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/sweeps.db"


@pytest.fixture
def study(url):
    return enter(url)
