"""Texts that reports and figures share."""

from types import SimpleNamespace

import pytest

from remanence.studies.presentation import marked


@pytest.mark.parametrize(
    ("text", "synthetic", "expected"),
    [
        ("PCA", False, "PCA"),
        ("PCA", True, "PCA (synthetic data)"),
        ("DNN (this run)", False, "DNN (this run)"),
        ("DNN (this run)", True, "DNN (this run, synthetic data)"),
    ],
)
def test_a_heading_says_that_data_are_simulated(text, synthetic, expected):
    assert marked(text, SimpleNamespace(synthetic=synthetic)) == expected
