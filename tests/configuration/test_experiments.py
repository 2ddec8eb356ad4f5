import pytest

from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.configuration.validate import check_target
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
    **{f"data/{name}": ["model=pca"] for name in ("beps", "raw", "toy")},
    "model/nested_ae": ["data=chain", *OWN_CHAIN],
    **{f"model/{name}": ["data=toy"] for name in ("dictionary_learning", "nmf", "pca")},
}
"""What a configuration of a group needs beside it: data and model are of one kind, and tables of a chain and their
scales need each other."""
VARIANTS = {"nested_ae_": ["data=perovskite"], "beta_vae": ["data=toy"]}
"""What models whose names begin so need beside them."""


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_is_a_valid_configuration(experiment):
    values = checked(compose([f"experiment={experiment}", *REQUIRED.get(experiment, [])]))

    assert values["config"] == experiment
    assert values["data"]["_target_"] in SCHEMAS


@pytest.mark.parametrize("group", ["data", "model"])
def test_every_configuration_of_a_group_has_a_schema_and_its_module_bears_its_name(group):
    for path in (conf_folder() / group).glob("*.yaml"):
        variants = [beside for name, beside in VARIANTS.items() if group == "model" and path.stem.startswith(name)]
        beside = COMPANIONS.get(f"{group}/{path.stem}", sum(variants, []))
        cfg = compose([f"{group}={path.stem}", *beside])
        # what begins with an underscore is simulated into a file, and no model is trained on it
        apart = path.stem.startswith("_")
        node = check_target(group, cfg, allowed=["remanence."]) if apart else checked(cfg)[group]

        assert node["_target_"] in SCHEMAS
        name, module = path.stem.removeprefix("_"), node["_target_"].split(".")[-2]
        assert name == module or name.startswith(f"{module}_")  # a variant bears its module's name first


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
