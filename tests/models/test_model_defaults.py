import inspect
from pathlib import Path

import pytest
import yaml

from remanence.models.dnn import DNN
from remanence.models.extra_trees import ExtraTrees
from remanence.models.gaussian_process import GaussianProcess
from remanence.models.gradient_boosting import GradientBoosting
from remanence.models.lasso import Lasso
from remanence.models.linear import Linear
from remanence.models.nu_svr import NuSVR
from remanence.models.random_forest import RandomForest
from remanence.models.ridge import Ridge
from remanence.models.svr import SVR

CONF = Path(__file__).parents[2] / "conf" / "model"
NOT_IN_YAML = {"self", "n_features", "n_targets", "seed", "_target_"}  # shape of the data, seed of the run
MODELS = {
    "dnn": DNN,
    "linear": Linear,
    "ridge": Ridge,
    "random_forest": RandomForest,
    "extra_trees": ExtraTrees,
    "svr": SVR,
    "gaussian_process": GaussianProcess,
    "lasso": Lasso,
    "nu_svr": NuSVR,
    "gradient_boosting": GradientBoosting,
}


def plain(value):
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", MODELS)
def test_a_model_made_in_python_is_that_of_its_yaml(name):
    configured = yaml.safe_load((CONF / f"{name}.yaml").read_text())
    signature = inspect.signature(MODELS[name].__init__).parameters
    named = {key: argument for key, argument in signature.items() if argument.kind is not argument.VAR_KEYWORD}

    defaults = {key: plain(argument.default) for key, argument in named.items() if key not in NOT_IN_YAML}
    assert defaults == {key: value for key, value in configured.items() if key not in NOT_IN_YAML}
    assert configured["_target_"] == f"{MODELS[name].__module__}.{MODELS[name].__name__}"


@pytest.mark.parametrize("name", MODELS)
def test_arguments_are_given_by_name_and_kept(name):
    assert MODELS[name](n_features=3, n_targets=2).hparams["n_targets"] == 2
    with pytest.raises(TypeError):
        MODELS[name](3)
