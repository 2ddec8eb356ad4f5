from types import SimpleNamespace

import numpy as np
from mlflow.exceptions import MlflowException

from remanence.tracking.campaign import FORKED_TAG, MEASURED_TAG, measured_tag
from remanence.tracking.earlier_runs import earlier_runs


def run(name, rows, best, origin=None):
    y = np.linspace(best / 2, best, rows)[:, None]
    tags = {MEASURED_TAG: measured_tag(y, ["d33"])} | ({FORKED_TAG: origin} if origin else {})
    return SimpleNamespace(info=SimpleNamespace(run_id=f"id-{name}", run_name=name), data=SimpleNamespace(tags=tags))


class Tracked(SimpleNamespace):
    """A run among others of its database."""

    def beside(self, run_id):
        if run_id not in self.others:
            raise MlflowException("deleted")
        found = self.others[run_id]
        return Tracked(id=run_id, name=found.info.run_name, found=found, others=self.others)


def tracked(name, *runs):
    others = {each.info.run_id: each for each in runs}
    return Tracked(id=name, name=name, found=others[name], others=others).beside(name)


def test_the_runs_that_a_run_was_forked_from_are_told_from_the_oldest_on():
    first, second, third = (
        run("first", 30, 320.0),
        run("second", 35, 350.0, "id-first"),
        run("third", 40, 1, "id-second"),
    )

    assert [name for name, _ in earlier_runs(tracked("id-third", first, second, third))] == ["first", "second"]
    assert earlier_runs(tracked("id-third", first, second, third))[0][1]["targets"] == {"d33": (160.0, 320.0)}
    assert [name for name, _ in earlier_runs(tracked("id-third", second, third))] == ["second"]  # the first is deleted


def test_a_circle_of_forks_and_a_run_without_its_tag_end_the_list():
    first, second = run("first", 30, 320.0, "id-second"), run("second", 35, 350.0, "id-first")
    assert [name for name, _ in earlier_runs(tracked("id-second", first, second))] == ["first"]
    del first.data.tags[MEASURED_TAG]
    assert earlier_runs(tracked("id-second", first, second)) == []
