import pytest
import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser

from remanence.configuration.compose import compose, conf_folder
from remanence.configuration.validate import validate

SWEEPS = sorted(
    str(path.relative_to(conf_folder() / "sweep").with_suffix("")) for path in (conf_folder() / "sweep").rglob("*.yaml")
)


def values_of(sweep):
    """Return the only swept key and its values as text."""
    params = yaml.safe_load((conf_folder() / f"sweep/{sweep}.yaml").read_text())["hydra"]["sweeper"]["params"]
    ((key, values),) = params.items()
    (override,) = OverridesParser.create().parse_overrides([f"{key}={values}"])
    return key, list(override.sweep_string_iterator())


@pytest.mark.parametrize("sweep", SWEEPS)
def test_every_job_of_every_sweep_is_a_valid_configuration(sweep):
    key, values = values_of(sweep)

    assert len(values) > 1
    for value in values:
        cfg = validate(compose(["experiment=piezo/ns_to_qs", f"sweep={sweep}", f"{key}={value}"]))
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
