import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from remanence.figures.study import study_figures
from remanence.figures.style import GREY, PALETTE

WIDTHS = CategoricalDistribution(("[32,32]", "[64,64]", "[128,128]"))


def trial(*values, reported=None, state=TrialState.COMPLETE, **params):
    kinds = {name: WIDTHS if isinstance(value, str) else FloatDistribution(0, 1) for name, value in params.items()}
    return create_trial(
        state=state, values=list(values) or None, params=params, distributions=kinds, intermediate_values=reported or {}
    )


def figures(*trials, directions=("minimize",), objectives=("val/mse",)):
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(directions=directions)
    study.add_trials(trials)
    return list(study_figures(study, objectives))


def found(shown, heading):
    return next(figure for name, _, figure in shown if name == heading)


@pytest.mark.parametrize(("worst", "kind"), [(20.0, None), (2000.0, "log")])
def test_one_bad_trial_does_not_flatten_the_others(worst, kind):
    shown = figures(trial(1.0, x=0.1), trial(2.0, x=0.2), trial(worst, x=0.3))

    assert found(shown, "History of val/mse").layout.yaxis.type == kind
    assert found(shown, "val/mse against each parameter").layout.yaxis.type == kind
    name = found(shown, "Parallel coordinates").layout.xaxis.ticktext[0]
    assert name == ("log₁₀ val/mse" if kind else "val/mse")


def test_listed_values_keep_their_order_whatever_came_first():
    shown = figures(*(trial(float(n), hidden=width) for n, width in enumerate(("[128,128]", "[32,32]", "[64,64]"))))

    assert list(found(shown, "val/mse against each parameter").layout.xaxis.categoryarray) == list(WIDTHS.choices)
    ticks = [note for note in found(shown, "Parallel coordinates").layout.annotations if note.text in WIDTHS.choices]
    assert [note.text for note in sorted(ticks, key=lambda note: note.y)] == list(WIDTHS.choices)


def test_many_parameters_are_spread_over_rows():
    params = {f"p{number}": 0.1 * number for number in range(9)}

    shown = figures(trial(1.0, **params), trial(2.0, **params))

    slices = [figure for name, note, figure in shown if name in ("", "val/mse against each parameter")]
    assert [len(figure.data) for figure in slices] == [3, 3, 3]
    assert all(figure.layout.width is None for figure in slices)


def test_pruned_trials_are_grey_and_the_best_is_marked():
    shown = figures(
        trial(2.0, reported={1: 4.0, 2: 2.0}, x=0.1),
        trial(1.0, reported={1: 3.0, 2: 1.0}, x=0.2),
        trial(reported={1: 5.0, 2: 5.0}, x=0.3, state=TrialState.PRUNED),
    )

    lines = found(shown, "val/mse during training").data
    assert {line.name: line.line.color for line in lines} == {
        "Trial0": PALETTE[0],
        "Trial1": PALETTE[1],
        "Trial2": GREY,
    }


def test_what_matters_most_is_named_first():
    trials = [trial(abs(x - 0.5), x=x, y=y) for x, y in zip([n / 40 for n in range(40)], [0.3, 0.7] * 20, strict=True)]

    (bars,) = found(figures(*trials), "Importance of the parameters").data

    assert bars.y[-1] == "x"  # drawn from the bottom
    assert sum(bars.x) == pytest.approx(1)
    assert bars.x[-1] > 0.5


def test_importance_follows_the_direction():
    trials = [trial(float(x > 0.8), 1.0, x=x, y=(7 * x) % 1) for x in [n / 40 for n in range(40)]]

    shown = figures(*trials, directions=("maximize", "minimize"), objectives=("r2", "constant"))

    (bars,) = found(shown, "Importance of the parameters").data  # the other objective does not vary
    assert (bars.name, bars.y[-1]) == ("r2", "x")


def test_the_pareto_front_stands_out():
    shown = figures(
        trial(1.0, 2.0), trial(2.0, 1.0), trial(3.0, 3.0), directions=("minimize",) * 2, objectives=("a", "b")
    )

    dominated, front = shown[0].figure.data
    assert (list(dominated.x), list(front.x)) == ([3.0], [1.0, 2.0])
    assert (dominated.marker.color, front.marker.color) == (GREY, PALETTE[1])
