import hydra
import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobRuntime
from hydra.version import VersionBase

from remanence.configuration.compose import compose
from remanence.configuration.hydra_globals import EVERYTHING, as_found
from remanence.errors import ConfigurationError

IMITATED = "1.2" if hydra.__version__.startswith("1.3.") else "1.3"
"""A version that the installed Hydra imitates, and that is not the one we ask for."""


@pytest.fixture
def own_hydra(tmp_path, monkeypatch):
    """A user's own Hydra, initialised and in the middle of its work."""
    monkeypatch.delenv("HYDRA_DEPRECATION_WARNINGS_AS_ERRORS", raising=False)  # they may use what 1.5 will not have
    (tmp_path / "mine.yaml").write_text("answer: 42\n")
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(tmp_path), version_base=IMITATED, job_name="mine"):
        HydraConfig.instance().set_config(hydra_compose("mine", return_hydra_config=True))
        yield
    GlobalHydra.instance().clear()


def state():
    return (
        GlobalHydra.instance(),
        GlobalHydra.instance().hydra,
        JobRuntime.instance().get("name"),
        VersionBase.instance().getbase(),
    )


@pytest.mark.parametrize("override", ["model=linear", "model=linaer"])
def test_composing_leaves_a_users_own_hydra_initialised(own_hydra, override):
    before = state()

    try:
        compose([override])
    except ConfigurationError:
        assert override == "model=linaer"

    assert state() == before
    assert before[2] == "mine"
    assert str(before[3]) == IMITATED
    assert hydra_compose("mine").answer == 42


def test_what_is_composed_can_still_look_into_its_own_hydra_node(own_hydra):
    assert compose(["experiment=piezo/ns"]).config == "piezo/ns"


def test_the_configuration_that_hydra_looks_into_is_put_back_after_an_error(own_hydra):
    before = HydraConfig.instance().cfg

    def work():
        with as_found(*EVERYTHING):
            compose(["model=linear"])
            assert HydraConfig.instance().cfg is not before
            raise RuntimeError("inside")

    with pytest.raises(RuntimeError, match="inside"):
        work()

    assert HydraConfig.instance().cfg is before
    assert HydraConfig.get().job.name == "mine"
