import pytest

from remanence.configuration.choices import choices
from remanence.configuration.compose import compose
from remanence.configuration.folder import conf_folder
from remanence.errors import ConfigurationError
from remanence.studies.kinds import checked

KINDS = choices(conf_folder() / "data" / "split")
GIVEN = {"transfer": ["data.split.train={series: [NS]}", "data.split.test={series: [QS], dopant: [0, 0.01]}"]}
TABLE = ["data.target=d33", "data.features=[x]"]


def node(*overrides):
    return checked(compose(list(overrides))).data["split"]


def error(*overrides):
    with pytest.raises(ConfigurationError) as caught:
        node(*overrides)
    (line,) = str(caught.value).splitlines()
    return line


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", ["nbbt", "table"])
def test_every_split_goes_with_every_data_set(data, kind):
    split = node(f"data={data}", f"data/split={kind}", *GIVEN.get(kind, []), *(TABLE if data == "table" else []))

    assert split["kind"] == kind.removesuffix("_once")
    assert split["validation"] == 0.2


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["++data.split.fould=1"], "data.split.fould: unknown key; did you mean 'fold'?"),
        (["data/split=kfold", "+data.split.repeat=1"], "data.split.repeat: unknown key; did you mean 'repeats'?"),
        (["data/split=grouped", "+data.split.held_out={}"], "data.split.held_out: unknown key; data.split has: "),
        (["data/split=leave_one_group_out", "+data.split.folds=3"], "data.split.folds: unknown key; data.split has: "),
        (["data/split=transfer", *GIVEN["transfer"], "+data.split.trains={}"], "data.split.trains: unknown key; did"),
        (["data/split=transfer"], "data.split.test: must be given; add data.split.test=… data.split.train=…"),
        (["data/split=transfer", "data.split.train={series: NS}", "data.split.test={series: [QS]}"],
         "data.split.train.series: should be a valid array, got 'NS'"),
        (["data/split=kfold", "data.split.folds=1"], "data.split.folds: should be greater than or equal to 2, got 1"),
        (["data/split=kfold", "data.split.repeats=0"], "data.split.repeats: should be greater than or equal to 1"),
        (["data.split.fold=-1"], "data.split.fold: should be greater than or equal to 0, got -1"),
        (["data.split.held_out={x: [1]}"], "data.split.held_out: write +data.split.held_out=… to add entries to it"),
        (["+data.split.held_out={x: 1}"], "data.split.held_out.x: should be a valid array, got 1"),
        (["+data.split.held_out={x: [a]}"], "data.split.held_out.x.0: should be a valid number, got 'a'"),
        (["data.split.kind=kfolds"], "data.split.kind: should be one of 'stratified', 'kfold', "),
        (["data.target=[d33,7]"], "data.target: should be a valid string, got ['d33', 7]"),
    ],
)  # fmt: skip
def test_a_fault_in_a_split_names_the_key_as_the_user_writes_it(overrides, message):
    assert error(*overrides).startswith(message)


def test_points_can_be_held_out_from_the_command_line():
    assert node("+data.split.held_out={lph_slope: [25.51, 47]}")["held_out"] == {"lph_slope": [25.51, 47]}


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["ensemble.coverage=1"], "ensemble.coverage: should be less than 1, got 1"),
        (["ensemble.folds=0"], "ensemble.folds: should be greater than or equal to 1, got 0"),
        (["ensemble.fold=2"], "ensemble.fold: unknown key; did you mean 'ensemble.folds'?"),
        (["augmentation.kind=noisy"], "augmentation.kind: should be 'none', 'noise' or 'normal', got 'noisy'"),
        (["augmentation.sigma=0"], "augmentation.sigma: should be greater than 0, got 0"),
        (["baselines=all", "baselines.svr.c=x"], "baselines.svr.c: should be a valid number, got 'x'"),
        (["baselines=all", "+baselines.ridge.alpha=1"], "baselines.ridge.alpha: unknown key; did you mean 'alphas'?"),
        (["model.bins=0"], "model.bins: should be greater than or equal to 1, got 0"),
        (["model=gaussian_process", "model.restarts=-1"], "model.restarts: should be greater than or equal to 0"),
    ],
)
def test_a_fault_in_members_baselines_or_augmentation_names_the_key(overrides, message):
    assert error(*overrides).startswith(message)
