from types import SimpleNamespace

import pytest

from remanence.studies.card import DATA, MODEL, Cards, Section, log_cards

TAGS = {"remanence.version": "1.0", "remanence.data": "a.csv", "mlflow.source.name": "remanence train experiment=a"}


@pytest.fixture
def cards():
    """Log two short cards and return their texts by name."""

    def log(cfg=None, **tags):
        texts = {}
        run = SimpleNamespace(
            id="r1",
            name="first",
            found=SimpleNamespace(data=SimpleNamespace(tags={**TAGS, **tags})),
            log_text=lambda text, name: texts.update({name: text}),
        )
        given = {"seed": 3, "fork": None, "objective": "val/mse", "objective_direction": "minimize", **(cfg or {})}
        given = {"sweep": SimpleNamespace(trial=None), **given}
        made = Cards([Section("Trust", ["Little."])], [Section("Faults", ["Many."])])
        log_cards(run, SimpleNamespace(**given), object(), made)
        return texts

    return log


def test_both_cards_say_where_they_are_from_and_name_each_other(cards):
    texts = cards()

    model, data = texts[MODEL], texts[DATA]
    assert model.startswith("# Model card: first\n\n`object`, run `r1`, seed 3, remanence 1.0.")
    assert "Made by `remanence train experiment=a`." in model
    assert "## Trust\n\n- Little.\n" in model
    assert f"({DATA})" in model
    assert data.startswith("# Data card: a.csv\n")
    assert f"({MODEL})" in data
    assert "## Faults\n\n- Many.\n" in data


def test_simulated_data_are_said_to_be_so_first_of_all_in_both(cards):
    for text in cards(**{"remanence.synthetic": "true"}).values():
        assert text.index("**The data are simulated") < text.index("## ")


@pytest.mark.parametrize(("objective", "said"), [("test/mae", True), ("val/mse", False)])
def test_a_trial_that_is_chosen_by_its_test_says_that_the_error_is_too_small(cards, objective, said):
    text = cards({"objective": objective, "sweep": SimpleNamespace(trial=4)})[MODEL]

    assert ("trial 4 of a sweep that looks for the best test/mae" in text) is said


def test_a_forked_run_says_that_its_origin_may_have_seen_the_test(cards):
    assert "weights of run abc" in cards({"fork": "abc"})[MODEL]


def test_a_script_is_not_shown_as_a_command(cards):
    assert "Made by" not in cards(**{"mlflow.source.name": "python my.py"})[MODEL]
