import numpy as np

from remanence.figures.calibration_curve import Covered, plot_calibration_curve

NOMINAL = np.arange(0.05, 1.0, 0.05)
PART = Covered(NOMINAL - 0.02, NOMINAL - 0.1, np.minimum(NOMINAL + 0.1, 1))


def test_each_part_is_a_line_and_the_first_has_its_range():
    _, ax = plot_calibration_curve(NOMINAL, {"all": PART, "quarter": PART}, title="DNN", note="at 90%: 88%")

    assert [line.get_label() for line in ax.lines[1:]] == ["all", "quarter"]
    np.testing.assert_allclose(ax.lines[1].get_ydata(), PART.covered)
    assert len(ax.collections) == 1
    assert ax.texts[0].get_text() == "at 90%: 88%"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("nominal coverage", "share of test rows inside")


def test_the_line_of_agreement_is_the_diagonal():
    _, ax = plot_calibration_curve(NOMINAL, {"all": PART}, title="DNN")

    np.testing.assert_array_equal(ax.lines[0].get_xydata(), [[0, 0], [1, 1]])
    assert ax.get_aspect() == 1
