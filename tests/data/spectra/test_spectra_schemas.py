import pytest
from hydra.utils import instantiate

from remanence.configuration.compose import compose
from remanence.data.spectra.spectra import Spectra
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked

NAMES = ["toy", "beps", "raw", "line"]


def data_of(name, *overrides):
    return checked(compose([f"experiment=beps/{'pzt' if name == 'beps' else name}", *overrides])).data


@pytest.mark.parametrize("name", NAMES)
def test_each_file_makes_what_it_names(name):
    data = instantiate(data_of(name))

    assert isinstance(data, Spectra)
    assert type(data).__name__.lower() == name
    assert type(data).__module__ == f"remanence.data.spectra.{name}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layout", ["joined", "stacked", "interleaved"])
def test_layout_scaling_and_batches_are_chosen_by_the_same_keys(name, layout):
    data = instantiate(data_of(name, f"data.layout={layout}", "data.scaling=step", "data.batch_size=7"))

    assert (data.layout, data.scale_by, data.batch_size) == (layout, "step", 7)


def test_off_stays_a_word():
    assert data_of("raw")["field"] == "off"
    assert data_of("raw", "data.field=on")["field"] == "on"


@pytest.mark.parametrize("device", ["cpu", "cuda", "cuda:1"])
def test_a_device_is_named_as_torch_does(device):
    assert data_of("raw", f"data.device={device}")["device"] == device


@pytest.mark.parametrize(
    ("name", "override", "reason"),
    [
        ("toy", "data.colours=0", "data.colours: should be greater than or equal to 1"),
        ("toy", "data.scaling=pixel", "data.scaling"),
        ("toy", "data.layout=joint", "data.layout"),
        ("toy", "data.seed=-1", "data.seed"),
        ("toy", "data.imge=a.png", "did you mean 'data.image'?"),
        ("toy", "data.split.test=0.1", "data.split"),
        ("beps", "data.channels=[]", "data.channels"),
        ("beps", "data.channels=[amplitude]", "data.channels"),
        ("beps", "data.batch_size=0", "data.batch_size"),
        ("beps", "data.split.kind=block", "data.split.kind"),
        ("beps", "data.split.test=1.0", "data.split.test"),
        ("beps", "data.split.validation=0.0", "data.split.validation"),
        ("beps", "data.split.block=0", "data.split.block"),
        ("raw", "data.field=each", "data.field"),
        ("raw", "data.cycle=1.5", "data.cycle"),
        ("raw", "data.minimum_r2=2.0", "data.minimum_r2"),
        ("raw", "data.max_bad=1.0", "data.max_bad"),
        ("raw", "data.side=0.0", "data.side"),
        ("raw", "data.device=gpu", "data.device"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_key(name, override, reason):
    with pytest.raises(ConfigurationError) as caught:
        data_of(name, override)

    text = str(caught.value)
    assert len(text.splitlines()) == 1
    assert reason in text
