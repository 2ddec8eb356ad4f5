"""What the runs of one process share."""

import pytest
from PIL import Image

from remanence.figures.style import COLUMN_WIDTHS
from remanence.models.linear import Linear
from remanence.studies.run import STACK_TAG, known_fits

SMALL = ("experiment=piezo/single", "data.replicates=4", "trainer.max_epochs=2", "figures=brief")
BASELINES = ("baselines=quick", "baselines.random_forest.n_estimators=5")


@pytest.fixture
def fits(monkeypatch):
    """Return the numbers of rows that a linear baseline was fitted to, in the order of the fits."""
    from remanence.studies.table.study import TableStudy

    known_fits.cache_clear()
    fitted, untouched = [], TableStudy.fit_baseline

    def fit_baseline(self, model, trainer):
        if isinstance(model, Linear):
            fitted.append(len(self.data.x))
        return untouched(self, model, trainer)

    monkeypatch.setattr(TableStudy, "fit_baseline", fit_baseline)
    yield fitted
    known_fits.cache_clear()


@pytest.mark.usefixtures("unillustrated")
@pytest.mark.parametrize(("fuse", "share"), [("off", 0.0), ("auto", 1e-4)])
def test_trials_that_share_data_and_seed_fit_their_baselines_once(command, fits, children, all_runs, fuse, share):
    sweep = ("model.lr=0.01,0.02", "seed=0,1", f"hydra.sweeper.fuse={fuse}")

    assert command("train", "-m", *SMALL, *BASELINES, *sweep).code == 0

    assert len(fits) == 2, "one for each seed, which is the forest's as well"
    last, known = children()[-1], {run.info.run_id for run in all_runs()}
    known_fits.cache_clear()
    assert command("train", *SMALL, *BASELINES, "model.lr=0.02", "seed=1").code == 0
    (alone,) = [run for run in all_runs() if run.info.run_id not in known]
    assert alone.data.metrics == pytest.approx(last.data.metrics, rel=share, abs=0.0)


def test_a_file_that_has_changed_is_fitted_anew(command, table, fits, monkeypatch):
    path = table()
    typed = (
        "experiment=piezo/table",
        "data/split=stratified",
        f"data.path={path}",
        "data.target=d33",
        "data.features=[x,amount]",
        *BASELINES,
    )

    for rows in (30, 30, 31):
        table(rows=rows)
        assert command("train", *typed, "model=linear", "figures=brief", "ensemble=single").code == 0

    assert fits == [30, 31]


def test_a_sweep_says_once_what_there_is_to_say_of_its_data(command, table):
    path = table(x=[row // 2 / 15 for row in range(30)])
    typed = ("experiment=piezo/table", f"data.path={path}", "data.target=d33", "data.features=[x]", "model=linear")

    result = command("train", "-m", *typed, "data/split=stratified", "baselines=none", "figures=brief", "seed=0,1")

    assert result.code == 0, result.err
    assert result.out.count("sets of equal inputs") == 1


def test_trials_that_train_as_one_are_all_drawn_in_the_style_of_the_house(command, children, artifact):
    assert command("train", "-m", *SMALL, "baselines=none", "model.activation=tanh,relu,sigmoid").code == 0

    assert [run.data.tags[STACK_TAG] for run in children()] == ["3"] * 3
    for run in children():
        with Image.open(artifact(run, "figures/loss_curves.png")) as picture:
            assert picture.width == COLUMN_WIDTHS[0] * 300
