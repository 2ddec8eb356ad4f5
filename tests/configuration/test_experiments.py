import pytest

from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.foundation.schema import SCHEMAS
from remanence.studies.kinds import checked

EXPERIMENTS = sorted(
    str(path.relative_to(conf_folder() / "experiment").with_suffix(""))
    for path in (conf_folder() / "experiment").rglob("*.yaml")
)
REQUIRED = {"piezo/table": ["data.target=d33", "data.features=[x]"]}
OWN_CHAIN = ["data.tables={own: {path: own.csv}}", "model.scales={only: {data: own, inputs: [x], latent_dim: 2}}"]
COMPANIONS = {
    "data/table": REQUIRED["piezo/table"],
    "data/chain": ["model=nested_ae", *OWN_CHAIN],
    "data/multiscale": ["model=nested_ae_multiscale"],
    "data/perovskite": ["model=nested_ae_perovskite"],
    "model/nested_ae": ["data=chain", *OWN_CHAIN],
}
"""What a configuration of a group needs beside it; tables of a chain and their scales need each other."""


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_is_a_valid_configuration(experiment):
    values = checked(compose([f"experiment={experiment}", *REQUIRED.get(experiment, [])]))

    assert values["config"] == experiment
    assert values["data"]["_target_"] in SCHEMAS


@pytest.mark.parametrize("group", ["data", "model"])
def test_every_configuration_of_a_group_has_a_schema_and_its_module_bears_its_name(group):
    for path in (conf_folder() / group).glob("*.yaml"):
        any_chain = ["data=perovskite"] if path.stem.startswith("nested_ae_") else []
        beside = COMPANIONS.get(f"{group}/{path.stem}", any_chain)
        node = checked(compose([f"{group}={path.stem}", *beside]))[group]

        assert node["_target_"] in SCHEMAS
        module = node["_target_"].split(".")[-2]
        assert path.stem == module or path.stem.startswith(f"{module}_")  # a variant bears its module's name first


@pytest.mark.parametrize("model", ["dnn", "linear", "random_forest"])
@pytest.mark.parametrize("trainer", ["default", "gpu"])
def test_every_model_goes_with_every_trainer(model, trainer):
    values = checked(compose(["experiment=piezo/single", f"model={model}", f"trainer={trainer}"]))

    assert values["trainer"]["max_epochs"] == 400
    assert "seed" not in values["model"] or values["model"]["seed"] == values["seed"]


def test_a_baseline_can_be_left_out(train):
    run = train("~baselines.random_forest", "~baselines.linear")

    assert not [key for key in run.data.metrics if key.startswith("baseline/")]


def test_printing_the_configuration_trains_nothing(command, all_runs):
    result = command("train", "--cfg", "job", "experiment=piezo/single")

    assert result.code == 0
    assert "max_epochs: 400" in result.out
    assert all_runs() == []
