from types import SimpleNamespace

import numpy as np
import pytest

from remanence.tracking.campaign import FORKED_TAG, MEASURED_TAG, campaigns, measured_tag


def run(name, rows, best, origin=None):
    y = np.linspace(best / 2, best, rows)[:, None]
    tags = {MEASURED_TAG: measured_tag(y, ["d33"])} | ({FORKED_TAG: origin} if origin else {})
    return SimpleNamespace(info=SimpleNamespace(run_id=f"id-{name}", run_name=name), data=SimpleNamespace(tags=tags))


def test_a_chain_of_forks_with_more_rows_is_a_campaign():
    runs = [
        run("first", 30, 320.0),
        run("third", 40, 410.0, "id-second"),
        run("second", 35, 350.0, "id-first"),
        run("alone", 30, 500.0),
    ]

    (table,) = campaigns(runs)

    assert table.to_dict("list") == {
        "run": ["first", "second", "third"],
        "experiments": [30, 35, 40],
        "d33 lowest": [160.0, 175.0, 205.0],
        "d33 highest": [320.0, 350.0, 410.0],
        "id": ["id-first", "id-second", "id-third"],
    }


def test_a_fork_on_the_same_rows_is_no_campaign():
    assert campaigns([run("first", 30, 320.0), run("second", 30, 320.0, "id-first")]) == []


def test_runs_that_were_forked_from_each_other_do_not_end_in_a_circle():
    assert campaigns([run("first", 30, 320.0, "id-second"), run("second", 30, 320.0, "id-first")]) == []


@pytest.mark.parametrize("tag", ["", "{", "3", '{"rows": "many", "targets": {}}', '{"rows": 3, "targets": {"d33": 1}}'])
def test_a_tag_that_was_damaged_leaves_its_run_out(tag):
    damaged = run("second", 35, 350.0, "id-first")
    damaged.data.tags[MEASURED_TAG] = tag

    assert campaigns([run("first", 30, 320.0), damaged]) == []
