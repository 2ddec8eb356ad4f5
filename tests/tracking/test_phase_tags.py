import json

import pytest

from remanence.foundation import phases as module
from remanence.foundation.own_time import Moment
from remanence.foundation.phases import phase, timed
from remanence.tracking.phase_tags import phase_tags, spent


@pytest.fixture
def five_seconds_of_fit(monkeypatch):
    now = [Moment()]
    monkeypatch.setattr(module, "own_time", lambda: now[0])
    with timed():
        with phase("fit"):
            now[0] = Moment(5.0, 8.0)
        now[0] = Moment(5.001, 8.0)
        yield


@pytest.mark.usefixtures("five_seconds_of_fit")
def test_the_tags_hold_the_phases_that_took_any_time():
    assert phase_tags(spent({})) == {"remanence.seconds.fit": "5.00", "remanence.processor_seconds": '{"fit": 8.0}'}


@pytest.mark.usefixtures("five_seconds_of_fit")
def test_the_times_of_all_parts_of_a_run_add_up():
    earlier = phase_tags({"imports": Moment(2.0, 1.5), "fit": Moment(3.0, 4.0)})

    assert spent(earlier | {"remanence.fit_seconds": "3.10"}, 3.1) == {"imports": (2.0, 1.5), "fit": (8.0, 12.0)}


@pytest.mark.usefixtures("five_seconds_of_fit")
def test_of_a_part_that_was_killed_outright_the_fit_is_known():
    assert spent({}, 7.0) == {"fit": (12.0, 8.0)}, "nothing was written down, but its checkpoint says how long"
    earlier = phase_tags({"fit": Moment(3.0, 4.0)}) | {"remanence.fit_seconds": "3.10"}
    assert spent(earlier, 5.1)["fit"] == pytest.approx((10.0, 12.0)), "a second part was killed after two seconds"


@pytest.mark.usefixtures("five_seconds_of_fit")
@pytest.mark.parametrize("processor", ["", "[1]", "{", '{"fit": "much"}', '{"fit": NaN}', '{"fit": -3}'])
@pytest.mark.parametrize("wall", ["long", "inf", "-1", "nan"])
def test_tags_of_somebody_else_count_nothing(wall, processor):
    found = spent({"remanence.seconds.fit": wall, "remanence.processor_seconds": processor})

    assert found == {"fit": (5.0, 8.0)}


def test_without_a_clock_there_are_no_tags():
    assert phase_tags(spent({})) == {}
    assert json.loads(phase_tags({"fit": Moment(1.0, 2.0)})["remanence.processor_seconds"]) == {"fit": 2.0}
