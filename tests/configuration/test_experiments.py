import re
from fnmatch import fnmatch

import pytest

from remanence.configuration.choices import choices
from remanence.configuration.compose import compose
from remanence.configuration.described import describe
from remanence.configuration.folder import conf_folder
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked

EXPERIMENTS = choices(conf_folder() / "experiment")
FILES = sorted(str(path.relative_to(conf_folder())) for path in conf_folder().rglob("*.yaml"))
REQUIRED = {"piezo/table": ["data.target=d33", "data.features=[x]"]}
OWN_CHAIN = ["data.tables={own: {path: own.csv}}", "model.scales={only: {data: own, inputs: [x], latent_dim: 2}}"]
COMPANIONS = {
    "data/table": REQUIRED["piezo/table"],
    "data/chain": ["model=nested_ae", *OWN_CHAIN],
    "data/multiscale": ["model=nested_ae_multiscale"],
    "data/perovskite": ["model=nested_ae_perovskite"],
    **{f"data/{name}": ["model=pca", "baselines=none"] for name in ("beps", "line", "loops", "own", "raw", "toy")},
    "model/nested_ae": ["data=chain", *OWN_CHAIN],
    "model/nested_ae_*": ["data=perovskite"],
    **{
        f"model/{name}": ["data=toy", "baselines=none"]
        for name in ("autoencoder*", "beta_vae*", "dictionary_learning", "ica", "nmf", "pca")
    },
}
"""What a configuration of a group needs beside it: data and models are of one kind, and tables of a chain and their
scales need each other."""
PLAIN = ["augmentation", "callbacks", "ensemble", "pruner", "tracking", "trainer"]
"""Groups of which every choice suits a table."""


@pytest.mark.parametrize("experiment", EXPERIMENTS)
def test_every_experiment_is_a_valid_configuration(experiment):
    cfg = checked(compose([f"experiment={experiment}", *REQUIRED.get(experiment, [])]))

    assert cfg.config == experiment
    for node in (cfg.data, cfg.model, *cfg.baselines.values()):
        assert describe(node["_target_"]) is not None


@pytest.mark.parametrize("group", ["data", "model"])
def test_every_configuration_of_a_group_is_described_and_its_module_bears_its_name(group):
    for name in [name for name in choices(conf_folder() / group) if "/" not in name]:
        beside = next((needed for known, needed in COMPANIONS.items() if fnmatch(f"{group}/{name}", known)), [])
        node = checked(compose([f"{group}={name}", *beside])).plain[group]

        assert describe(node["_target_"]).kind is not None
        module = node["_target_"].split(".")[-2]
        assert name == module or name.startswith(f"{module}_")  # a variant bears its module's name first


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group in PLAIN for name in choices(conf_folder() / group)]
)
def test_every_name_on_offer_is_a_valid_configuration(group, name):
    assert getattr(checked(compose([f"{group}={name}"])), group) is not None


@pytest.mark.parametrize("file", FILES)
def test_every_file_says_first_what_it_is(file):
    lines = (conf_folder() / file).read_text().splitlines()
    first = lines[1] if lines[0] == "# @package _global_" else lines[0]

    assert re.match(r"# \S+ \S+", first)


SIMULATOR = "data/_simulated_scan.yaml"
"""Of scans to be written to a file: nothing to train on, and shared by nobody."""


@pytest.mark.parametrize("file", [file for file in FILES if "/_" in file and file != SIMULATOR])
def test_what_files_share_is_shared_and_no_choice(file):
    folder, _, stem = file.removesuffix(".yaml").rpartition("/")
    users = [
        path
        for path in (conf_folder() / folder).glob("*.yaml")
        if re.search(rf"^  - (/\w+/\w+/)?{stem}$", path.read_text(), flags=re.MULTILINE)
    ]

    assert len(users) > 1
    assert stem not in [name.rpartition("/")[2] for name in choices(conf_folder() / folder)]


def test_what_files_share_is_not_suggested():
    with pytest.raises(ConfigurationError) as caught:
        compose(["pruner=xxxxxxxx"])

    assert str(caught.value) == "pruner: unknown name 'xxxxxxxx'; known: asha, hyperband, median, none, patience"
    with pytest.raises(ConfigurationError, match=r"unknown name 'piezo/base'; did you mean 'piezo/(?!_)"):
        compose(["experiment=piezo/base"])


@pytest.mark.parametrize("model", ["dnn", "linear", "random_forest"])
@pytest.mark.parametrize("trainer", ["default", "gpu"])
def test_every_model_goes_with_every_trainer(model, trainer):
    cfg = checked(compose(["experiment=piezo/single", f"model={model}", f"trainer={trainer}"]))

    assert cfg.trainer.max_epochs == 400
    assert "seed" not in cfg.model or cfg.model["seed"] == cfg.seed


def test_a_baseline_can_be_left_out(train):
    run = train("~baselines.random_forest", "~baselines.linear")

    assert not [key for key in run.data.metrics if key.startswith("baseline/")]


def test_printing_the_configuration_trains_nothing(command, all_runs):
    result = command("train", "--cfg", "job", "experiment=piezo/single")

    assert result.code == 0
    assert "max_epochs: 400" in result.out
    assert all_runs() == []


def test_what_experiments_share_is_no_experiment():
    with pytest.raises(ConfigurationError, match="experiment: piezo/_base holds what others share"):
        checked(compose(["experiment=piezo/_base"]))
