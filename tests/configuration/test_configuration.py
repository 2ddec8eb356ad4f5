import copy
import pickle
from dataclasses import replace

import pytest
from omegaconf import OmegaConf

from remanence.configuration.compose import compose
from remanence.configuration.configuration import Configuration
from remanence.configuration.sweep_options import Median, NoPruner
from remanence.configuration.validate import configuration_of
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked
from remanence.tracking.tracked_configuration import TrackedConfiguration
from remanence.training.options import Augmentation, Callbacks, Ensemble, NoSchedule, Staged, Trainer

TYPED = ["experiment=piezo/ns", "trainer.max_epochs=7", "trainer.devices=[0,1]", "objective=[val/mse,test/r2]"]
TYPED += ["objective_direction=[minimize,maximize]"]


@pytest.fixture(scope="module")
def made():
    """A checked configuration, and the values that it was made of."""
    composed = compose(TYPED)
    return checked(composed), OmegaConf.to_container(composed, resolve=True)


@pytest.fixture(scope="module")
def cfg(made):
    return made[0]


def test_every_group_is_an_object_of_its_type(cfg):
    assert isinstance(cfg, Configuration)
    nodes = {"trainer": Trainer, "callbacks": Callbacks, "ensemble": Ensemble, "augmentation": Augmentation}
    assert {name: type(getattr(cfg, name)) for name in nodes} == nodes
    assert (cfg.trainer.max_epochs, cfg.trainer.devices) == (7, [0, 1])
    assert cfg.objective == ["val/mse", "test/r2"]
    assert cfg.config == "piezo/ns"


def test_the_kind_of_a_node_chooses_its_type():
    spectra = ["data=toy", "model=beta_vae", "baselines=none"]

    assert isinstance(checked(compose([*spectra, "beta_schedule=none"])).beta_schedule, NoSchedule)
    assert isinstance(checked(compose([*spectra, "beta_schedule=staged"])).beta_schedule, Staged)
    assert isinstance(checked(compose(["pruner=none"])).pruner, NoPruner)
    assert isinstance(checked(compose(["pruner=median"])).pruner, Median)


def test_plain_is_what_was_composed(made):
    cfg, composed = made

    assert cfg.plain == composed
    assert cfg.plain["trainer"]["max_epochs"] == cfg.trainer.max_epochs
    assert type(cfg.plain) is type(cfg.plain["trainer"]) is dict


def test_what_stays_open_is_plain_in_both(cfg):
    assert cfg.data == cfg.plain["data"]
    assert cfg.model == cfg.plain["model"]
    assert cfg.baselines == cfg.plain["baselines"]


@pytest.mark.parametrize("copied", [lambda cfg: pickle.loads(pickle.dumps(cfg)), copy.deepcopy], ids=["pickle", "copy"])
def test_a_configuration_reaches_another_process_as_it_is(cfg, copied):
    other = copied(cfg)

    assert other is not cfg
    assert other == cfg
    assert other.plain == cfg.plain
    assert type(other.trainer) is Trainer


def test_plain_values_are_made_a_configuration_again(cfg):
    again = configuration_of({**cfg.plain, "seed": 3, "trainer": {**cfg.plain["trainer"], "devices": "auto"}})

    assert (again.seed, again.plain["seed"]) == (3, 3)
    assert again.trainer == replace(cfg.trainer, devices="auto")
    assert again.callbacks == cfg.callbacks


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sed": 3}, "sed: unknown key; did you mean 'seed'?"),
        ({"seed": "3"}, "seed: should be a valid integer, got '3'"),
        ({"trainer": {}}, "trainer.max_epochs: must be given"),
    ],
)
def test_plain_values_that_are_wrong_name_the_key(cfg, change, message):
    with pytest.raises(ConfigurationError) as refused:
        configuration_of({**cfg.plain, **change})

    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("pruner", "keeps"),
    [("none", True), ("median", False), ("median pruner.keep_checkpoints=true", True)],
)
def test_checkpoints_of_pruned_runs_stay_if_asked(pruner, keeps):
    assert checked(compose(f"pruner={pruner}".split())).keeps_pruned is keeps


def test_the_tracking_finds_what_it_reads(cfg):
    fields = [
        name
        for name in (*TrackedConfiguration.__annotations__, *vars(TrackedConfiguration))
        if not name.startswith("_")
    ]

    assert len(fields) >= 8
    assert all(hasattr(cfg, name) for name in fields)


@pytest.mark.parametrize(
    ("typed", "files"),
    [
        (["experiment=piezo/ns"], set()),
        (["data=table", "data.path=a.csv", "data.target=y", "data.features=[x]"], {"data.path"}),
        (["experiment=nested/perovskite"], {"data.dir"}),
        (["experiment=beps/toy"], {"data.image"}),
        (
            [
                *("data=chain", "model=nested_ae", "baselines=none", "data.tables={path: {path: own.csv}}"),
                "model.scales={only: {data: path, inputs: [x], latent_dim: 2}}",
            ],
            {"data.tables.path.path"},
        ),
    ],
)
def test_keys_that_name_files_are_those_that_the_signatures_mark(typed, files):
    assert checked(compose(typed)).file_keys == files
