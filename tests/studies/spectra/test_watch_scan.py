from types import SimpleNamespace

import pytest

from remanence.errors import ConfigurationError
from remanence.studies.spectra.watch_scan import phase_of


def known(*, of_model=None, conjugated=False, **metrics):
    """A model and a run, with what they know of the phase."""
    model = SimpleNamespace(instrument=SimpleNamespace(rotation=of_model, conjugated=conjugated))
    return model, SimpleNamespace(id="a1", found=SimpleNamespace(data=SimpleNamespace(metrics=metrics)))


def test_an_angle_that_nobody_knows_is_asked_for_and_taken():
    with pytest.raises(ConfigurationError, match=r"run a1 was not trained on a raw scan .* give rotation=<θ in rad>"):
        phase_of(*known(), None)

    assert phase_of(*known(), 0.3) == (0.3, False)


def test_the_user_knows_better_than_the_model_and_the_model_better_than_the_metrics():
    both = {"data/rotation": 0.1, "data/phase_sense": 1.0}

    assert phase_of(*known(of_model=0.2, **both), 0.3)[0] == 0.3
    assert phase_of(*known(of_model=0.2, **both), None)[0] == 0.2
    assert phase_of(*known(**both), None)[0] == 0.1


def test_the_opposite_sense_of_phase_is_that_of_the_model_or_of_the_metrics():
    assert phase_of(*known(of_model=0.2, conjugated=True), None)[1]
    assert phase_of(*known(**{"data/rotation": 0.1, "data/phase_sense": -1.0}), None)[1]
