from collections.abc import Iterator

import pytest

from remanence.figures.style_sheet import styled


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    with styled():
        yield
