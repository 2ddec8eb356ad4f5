from types import SimpleNamespace

import numpy as np

from remanence.studies.spectra.drawn_channels import MOST_CHANNELS, drawn, drawn_axis


def test_of_many_channels_the_same_few_are_drawn_and_named():
    names = [f"amplitude at {step} V" for step in range(96)]
    spectra = np.broadcast_to(np.arange(96.0), (5, 7, 96))
    data = SimpleNamespace(measured=SimpleNamespace(axis=np.arange(7.0), axis_label="frequency (Hz)", channels=names))

    named = drawn_axis(data)["channels"]

    assert len(named) == MOST_CHANNELS
    assert [names[int(channel)] for channel in drawn(spectra)[0, 0]] == named
    assert (named[0], named[-1]) == (names[0], names[-1])
