import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from remanence.configuration.compose import compose, conf_folder
from remanence.configuration.validate import validate

SWEEPS = sorted(
    str(path.relative_to(conf_folder() / "sweep").with_suffix("")) for path in (conf_folder() / "sweep").rglob("*.yaml")
)


EXPERIMENT = {"piezo": "piezo/ns_to_qs", "beps": "beps/toy", "nested": "nested/perovskite"}


def searched(sweep):
    """Return each swept key with its values as text."""
    params = yaml.safe_load((conf_folder() / f"sweep/{sweep}.yaml").read_text())["hydra"]["sweeper"]["params"]
    overrides = OverridesParser.create().parse_overrides([f"{key}={values}" for key, values in params.items()])
    return {override.key_or_group: list(override.sweep_string_iterator()) for override in overrides}


def values_of(sweep):
    """Return the only swept key and its values as text."""
    ((key, values),) = searched(sweep).items()
    return key, values


@pytest.mark.parametrize("sweep", SWEEPS)
def test_every_job_of_every_sweep_is_a_valid_configuration(sweep):
    experiment = EXPERIMENT[sweep.partition("/")[0]]

    for key, values in searched(sweep).items():
        assert len(values) > 1
        for value in values:
            cfg = validate(compose([f"experiment={experiment}", f"sweep={sweep}", f"{key}={value}"]))
            for part in key.split("."):
                cfg = cfg[part]
            assert cfg == yaml.safe_load(value) or float(value) == cfg


@pytest.mark.parametrize(
    ("sweep", "expected"),
    [
        ("activations", ["tanh", "sigmoid", "relu"]),
        ("losses", ["mse", "smooth_l1"]),
        ("optimizers", ["adam", "sgd", "adagrad", "rmsprop"]),
        ("topology", [f"[{2**n},{2**n}]" for n in range(5, 10)]),
        ("batch_size", ["10", "32", "64", "128", "256", "512"]),
    ],
)
def test_a_sweep_covers_the_range_of_the_paper(sweep, expected):
    assert values_of(f"piezo/{sweep}")[1] == expected
