import inspect

import pytest
import yaml
from hydra.utils import get_class

from remanence.configuration.folder import conf_folder
from remanence.configuration.model_file import differing_files
from remanence.configuration.on_offer import on_offer

MODELS = {name: found for name, found in on_offer("model").items() if name == found.target.split(".")[-2]}
"""Those of ``conf/model`` that bear the name of their class's module; the others are variants of them."""
FROM_DATA = {"n_features", "n_targets", "steps", "channels", "layout", "factors", "ends_in"}
SHAPES = {"table": {"n_features": 3, "n_targets": 2}, "spectra": {"steps": 12, "channels": 2}}
READY = [name for name in MODELS if MODELS[name].kind in SHAPES and name != "single_autoencoder"]
"""Models that need nothing but the shape of the data."""


def arguments_of(target):
    """Return the arguments of a constructor by their names; those behind ** are the arguments of its base."""
    found = {}
    for made_by in get_class(target).__mro__:
        arguments = inspect.signature(made_by).parameters.items()
        named = {key: argument for key, argument in arguments if argument.kind is not argument.VAR_KEYWORD}
        found = named | found
        if len(named) == len(arguments):
            break
    return found


def configured(name):
    return yaml.safe_load((conf_folder() / "model" / f"{name}.yaml").read_text(encoding="utf-8"))


def test_every_file_is_what_its_class_says():
    assert differing_files() == []
    assert {path.stem for path in (conf_folder() / "model").glob("*.yaml")} > set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_made_in_python_is_that_of_its_yaml(name):
    given = configured(name)
    arguments = arguments_of(given["_target_"])

    assert set(given) - {"_target_", "defaults"} == set(arguments) - FROM_DATA
    for key, argument in arguments.items():
        if key not in FROM_DATA and argument.default is not argument.empty:
            default = list(argument.default) if isinstance(argument.default, tuple) else argument.default
            assert given[key] == ("${seed}" if key == "seed" else default), key


@pytest.mark.parametrize("name", MODELS)
def test_arguments_are_given_by_name(name):
    arguments = arguments_of(MODELS[name].target).values()

    assert {argument.kind for argument in arguments} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("name", READY)
def test_arguments_are_kept(name):
    shape = SHAPES[MODELS[name].kind]

    kept = get_class(MODELS[name].target)(**shape).hparams

    assert {key: kept[key] for key in shape} == shape
