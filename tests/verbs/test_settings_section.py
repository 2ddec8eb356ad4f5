import pytest
from compared_runs import repeated

from remanence.verbs.settings_section import print_settings, settings_sections

CLOSE, FAR = [1.0, 2.0, 4.0], [11.0, 12.1, 14.0]


def runs(second):
    return [*repeated(CLOSE, **{"model.activation": "<b>tanh"}), *repeated(second, **{"model.activation": "relu"})]


@pytest.mark.parametrize(
    ("second", "verdict"), [(FAR, "activation=<b>tanh is better"), ([1.5, 1.9, 4.4], "no more than chance")]
)
def test_a_setting_is_better_only_where_the_difference_is_more_than_chance(capsys, second, verdict):
    print_settings(runs(second), None)

    out = capsys.readouterr().out
    assert verdict in out
    assert ("is better" in out) == ("is better" in verdict)
    assert "mean ± sd over seeds" in out
    assert "2.333 ± 1.5" in out
    assert "paired t" in out


def test_nothing_is_printed_without_two_settings(capsys):
    print_settings(repeated(CLOSE), None)

    assert capsys.readouterr().out == ""


def test_the_page_escapes_what_runs_have_stored():
    (section,) = settings_sections(runs(FAR), None)

    assert "<b>" not in section
    assert "&lt;b&gt;tanh" in section
    assert "3 seeds" in section
    assert "difference of test/mae" in section


def test_a_single_setting_has_a_table_and_no_test():
    (section,) = settings_sections(repeated(CLOSE), None)

    assert section.count("<table") == 1
