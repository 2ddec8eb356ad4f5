import math
import re

import pytest
from optuna.distributions import CategoricalDistribution
from optuna.trial import TrialState, create_trial
from small_study import failed, front, integers, mixed, study, trial, unfinished

from remanence.sweeps.page import readable, study_page


def body(made):
    return study_page(made).partition("</head>")[2]


def headings(made):
    return re.findall("<h2>(.*?)</h2>", body(made))


def test_the_page_needs_no_network_and_holds_the_script_once():
    page = study_page(mixed())

    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page)
    assert page.count("plotly.js v") == 1
    assert len(page) < 6e6


def test_the_head_says_what_was_found():
    text = body(mixed())

    assert "<h1>piezo/bayes</h1>" in text
    assert "minimize val/mse · 3 ok, 1 pruned, 1 failed, 1 skipped" in text
    assert re.search("<h2>Best trial</h2>.*?<td>2</td><td>ok</td><td>0.001</td>", text, re.DOTALL)
    assert "trial 4: diverged: weights are not finite" in text
    assert "<code>tag(log,interval(1e-5,0.5))</code>" in text


def test_every_figure_of_a_search_is_there():
    assert headings(mixed()) == [
        "Best trial",
        "History of val/mse",
        "Parallel coordinates",
        "val/mse against each parameter",
        "Importance of the parameters",
        "val/mse during training",
        "Failures",
    ]


def test_several_objectives_have_a_front_and_a_history_each():
    found = headings(front())

    assert found[:3] == ["Pareto front", "History of val/mse", "History of test/r2"]
    assert "Importance of the parameters" in found


def test_parameters_bear_short_names():
    text = body(mixed())

    assert '"text":"lr"' in text
    assert '"text":"model.lr"' not in text


def test_what_users_typed_cannot_break_the_page():
    made = study(failed("<script>", "a < b & c"), name="<b>")

    text = body(made)
    assert "<h1>&lt;b&gt;</h1>" in text
    assert "&lt;script&gt;: a &lt; b &amp; c" in text


ONE = trial(1.0)
PRUNED = trial(6.0, outcome="pruned", reported={10: 7.0, 20: math.nan})


@pytest.mark.parametrize(
    ("made", "figures"),
    [
        (study(), 0),
        (study(ONE), 3),
        (study(failed()), 0),
        (study(PRUNED, PRUNED), 1),
        (study(unfinished(TrialState.RUNNING), unfinished(TrialState.WAITING)), 0),
        (study(ONE, ONE, ONE), 3),  # one value: nothing is more important
        (study(ONE, trial(math.inf)), 3),
        (study(create_trial(values=[1.0]), space={}), 1),
        (integers([1.0, 10.0, 1000.0]), 4),
        (integers([-1.0, 0.0, 1000.0]), 4),
        (front(), 7),
        (study(trial(1.0, 2.0, 3.0, 4.0), directions=("minimize",) * 4, objective=tuple("abcd")), 9),
    ],
    ids=[
        "no trial",
        "one trial",
        "a failure",
        "pruned only",
        "unfinished",
        "constant values",
        "infinite value",
        "no parameter",
        "decades",
        "not positive",
        "two objectives",
        "four objectives",
    ],
)
def test_any_study_has_a_page(made, figures, recwarn):
    text = body(made)

    assert text.count('class="plotly-graph-div"') == figures
    assert "NaN" not in text
    assert "Infinity" not in text
    assert not [warning for warning in recwarn if "optuna" in str(warning.filename)]


def test_a_copy_keeps_numbers_states_and_values():
    copy = readable(mixed(), {"model.lr": "lr", "model.hidden": "hidden"})

    assert [found.state for found in copy.trials] == [found.state for found in mixed().trials]
    assert copy.best_trial.number == 2
    assert copy.best_trial.params == {"lr": 0.001, "hidden": "[128,128]"}


def test_listed_numbers_are_drawn_as_numbers():
    listed = CategoricalDistribution(("1e-3", "16", "[32]"))
    trials = [create_trial(values=[1.0], params={"x": text}, distributions={"x": listed}) for text in listed.choices]

    copy = readable(study(*trials, space={"x": "1e-3,16,[32]"}), {"x": "x"})

    assert [found.params["x"] for found in copy.trials] == [0.001, 16, "[32]"]
