import pytest

from remanence.verbs import checkup, doctor
from remanence.verbs.checkup import Check


def test_a_healthy_installation_has_no_problems(command, outputs):
    result = command("doctor")

    assert result.code == 0, result.out
    named = [line.split()[0] for line in result.out.splitlines() if line and not line.startswith("no ")]
    assert named == [
        "python", *checkup.PACKAGES, "devices", "threads", "memory", "outputs", "tracking", "cache",
    ]  # fmt: skip
    assert f"{outputs}, " in result.out
    assert "mlflow.db, answers, 0 runs" in result.out
    assert result.out.endswith("no problems\n")


def test_each_problem_says_what_to_do_and_the_code_is_one(command, monkeypatch):
    monkeypatch.setattr(doctor, "_checks", lambda address: iter([Check("a", "b"), Check("c", "d", "wrong", "mend it")]))

    result = command("doctor")

    assert result.code == 1
    assert result.out.splitlines() == [
        "a                 b",
        "c                 d",
        "  problem         wrong",
        "  what to do      mend it",
        "",
        "1 problem",
    ]


@pytest.mark.parametrize("argument", ["nothing=1", "word"])
def test_an_unknown_argument_is_one_line(command, argument):
    assert command("doctor", argument).code == 2
