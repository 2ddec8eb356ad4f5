"""Interactive figures of a hyperparameter study: Optuna's figures in the style of the package."""

import math
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import optuna
import optuna.visualization as optuna_plots
import plotly.graph_objects as go
from optuna.distributions import CategoricalDistribution
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from remanence.figures.history import is_wide
from remanence.figures.style import GREY, PALETTE

BESIDE = 4
"""Most slice plots beside each other; with more, each would be too narrow."""
AGES = [[0, "#b9cbdb"], [1, PALETTE[0]]]
"""Colours from the first trial to the last trial."""
MOST_LINES = 300
"""Most trials in parallel coordinates; more lines cannot be told apart, and take Optuna seconds to draw."""
PANEL = "#dde3ea"
"""Background of parallel coordinates, because the palest of their lines are nearly white."""


class Shown(NamedTuple):
    """A figure and its heading."""

    heading: str
    note: str
    figure: go.Figure


def study_figures(study: Study, objectives: Sequence[str]) -> Iterator[Shown]:
    """Yield all figures of the trials of a study; none if no trial was completed or pruned.

    Args:
        study: study whose parameters have the names to show.
        objectives: names of the values of a trial.
    """
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    if complete:
        yield from _values(study, objectives)
    if parameters := sorted({name for trial in complete for name in trial.params}):
        note = "A line is a trial, a dark one is good."
        note += f" The best {MOST_LINES} of {len(complete)} are drawn." if len(complete) > MOST_LINES else ""
        yield Shown("Parallel coordinates", note, _parallel(study, objectives))
        yield from _all_slices(study, objectives, parameters)
    varying = [position for position in range(len(objectives)) if len({t.values[position] for t in complete}) > 1]
    if parameters and varying:
        note = "Share of what tells the best trials from the others (PED-ANOVA); rough below some twenty trials."
        yield Shown("Importance of the parameters", note, _importance(study, objectives, varying))
    if sum(len(trial.intermediate_values) > 1 for trial in study.get_trials(deepcopy=False)) > 1:
        note = "Grey: pruned trials; red: the best one."
        yield Shown(f"{objectives[0]} during training", note, _training(study, objectives[0]))


def _values(study: Study, objectives: Sequence[str]) -> Iterator[Shown]:
    if len(objectives) in (2, 3):
        yield Shown("", "Red: no other trial is better in every objective.", _front(study, objectives))
    for position, name in enumerate(objectives):
        yield Shown(f"History of {name}", "", _history(study, name, position))


def _all_slices(study: Study, objectives: Sequence[str], parameters: Sequence[str]) -> Iterator[Shown]:
    rows = math.ceil(len(parameters) / BESIDE)
    for position, name in enumerate(objectives):
        heading, note = f"{name} against each parameter", "Dark: late trials, where a search settles."
        for row in range(rows):
            yield Shown(heading, note, _slices(study, name, position, list(parameters[row::rows])))
            heading = note = ""


def _front(study: Study, objectives: Sequence[str]) -> go.Figure:
    figure = optuna_plots.plot_pareto_front(study, target_names=list(objectives))
    for trace, colour in zip(figure.data, (GREY, PALETTE[1]), strict=True):  # dominated trials, then the front
        trace.update(marker={"color": colour, "showscale": False, "size": 9 if len(objectives) == 2 else 5})
    return _styled(figure, height=520)


def _history(study: Study, name: str, position: int) -> go.Figure:
    if len(study.directions) == 1:
        figure = optuna_plots.plot_optimization_history(study, target_name=name)
        figure.data[1].update(name="best so far", line={"color": PALETTE[1], "shape": "hv"})
    else:
        figure = optuna_plots.plot_optimization_history(study, target=lambda t: t.values[position], target_name=name)
    few = len(study.get_trials(deepcopy=False)) <= 12
    figure.update_layout(xaxis={"title": "trial", "dtick": 1 if few else None})
    figure.data[0].update(name="trial", marker={"color": PALETTE[0]})
    return _styled(figure, y=figure.data[0].y)


def _parallel(study: Study, objectives: Sequence[str]) -> go.Figure:
    sign = 1 if study.directions[0] == StudyDirection.MINIMIZE else -1
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    complete = sorted(complete, key=lambda trial: sign * trial.values[0])[:MOST_LINES]
    drawn = optuna.create_study(directions=study.directions)
    drawn.add_trials(sorted(complete, key=_listed_places))
    if len(objectives) > 1:
        figure = optuna_plots.plot_parallel_coordinate(drawn)
        figure.update_layout(xaxis_ticktext=(*objectives, *figure.layout.xaxis.ticktext[len(objectives) :]))
    elif study.direction == StudyDirection.MINIMIZE and is_wide([trial.values[0] for trial in complete]):
        name = f"log₁₀ {objectives[0]}"
        figure = optuna_plots.plot_parallel_coordinate(
            drawn, target=lambda t: math.log10(t.values[0]), target_name=name
        )
    else:
        figure = optuna_plots.plot_parallel_coordinate(drawn, target_name=objectives[0])
    figure.update_traces(opacity=0.8, selector={"mode": "lines"})
    figure.update_annotations(bgcolor=PANEL, opacity=0.85).update_layout(plot_bgcolor=PANEL)
    return _styled(figure, height=460)


def _listed_places(trial: FrozenTrial) -> list[int]:
    """Return the position of each categorical value of a trial in the list of its choices, the longest list first.

    Optuna draws categories in the order in which they first occur in the trials. If the trials are sorted by this key,
    that is the order of the list.
    """
    listed = [(d.choices, name) for name, d in trial.distributions.items() if isinstance(d, CategoricalDistribution)]
    longest = sorted(listed, key=lambda entry: (-len(entry[0]), entry[1]))
    return [choices.index(trial.params[name]) for choices, name in longest]


def _slices(study: Study, name: str, position: int, parameters: list[str]) -> go.Figure:
    figure = optuna_plots.plot_slice(study, parameters, target=lambda t: t.values[position], target_name=name)
    for axis in figure.select_xaxes():  # Optuna writes the repr of each category
        axis.update(categoryarray=_unquoted(axis.categoryarray or ()))
    for trace in figure.data:
        trace.update(x=_unquoted(trace.x), marker={"size": 8, "colorscale": AGES})
    return _styled(figure, y=[value for trace in figure.data for value in trace.y])


def _unquoted(values: Sequence[Any]) -> list[Any]:
    return [value.strip("'") if isinstance(value, str) else value for value in values]


def _importance(study: Study, objectives: Sequence[str], positions: Sequence[int]) -> go.Figure:
    figure = go.Figure([_importance_bars(study, objectives[position], position) for position in positions])
    figure.update_layout(xaxis_title="importance", yaxis_ticksuffix=" ", showlegend=len(positions) > 1)
    return _styled(figure, height=100 + 36 * len(figure.data[0].y) * len(positions))


def _importance_bars(study: Study, name: str, position: int) -> go.Bar:
    sign = 1 if study.directions[position] == StudyDirection.MINIMIZE else -1  # Optuna takes a lower target as better
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the warning that says this
        figure = optuna_plots.plot_param_importances(study, target=lambda trial: sign * trial.values[position])
    return figure.data[0].update(name=name, marker={"color": PALETTE[position % len(PALETTE)]})


def _training(study: Study, name: str) -> go.Figure:
    figure = optuna_plots.plot_intermediate_values(study)
    states = (TrialState.PRUNED, TrialState.COMPLETE, TrialState.RUNNING)
    trials = [trial for trial in study.get_trials(deepcopy=False, states=states) if trial.intermediate_values]
    best = study.best_trial.number if any(trial.state == TrialState.COMPLETE for trial in trials) else None
    for trace, trial in zip(figure.data, trials, strict=True):
        colour = PALETTE[1] if trial.number == best else GREY if trial.state == TrialState.PRUNED else PALETTE[0]
        trace.update(line={"color": colour, "width": 2.5 if trial.number == best else 1}, marker={"size": 4})
    figure.update_layout(xaxis_title="epoch", yaxis_title=name)
    return _styled(figure, y=[value for trace in figure.data for value in trace.y])


def _styled(figure: go.Figure, *, height: int = 380, y: Sequence[float] = ()) -> go.Figure:
    """Return ``figure`` in the common style; the values ``y`` decide whether its y axis is logarithmic."""
    figure.update_layout(
        template="plotly_white",
        colorway=list(PALETTE),
        title=None,
        width=None,  # Optuna gives a figure of many slices a fixed width
        height=height,
        margin={"l": 60, "r": 20, "t": 20, "b": 50},
        font={"family": "system-ui, sans-serif", "size": 12},
    )
    figure.update_xaxes(exponentformat="e")  # write 1e-4, not 100µ
    figure.update_yaxes(exponentformat="e")
    if is_wide(list(y)):
        figure.update_yaxes(type="log")
    return figure
