import numpy as np
import pytest

from remanence.errors import ConfigurationError
from remanence.studies.design.linear_constraint import parse_constraints

VALUES = {"K": np.array([0.5, 0.3, 0.0]), "Na": np.array([0.5, 0.7 + 1e-12, 0.2]), "T (K)": np.array([1.0, 2.0, 3.0])}


def as_typed(name):
    return name


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("K+Na=1", [True, True, False]),
        ("K + Na == 1", [True, True, False]),
        ("K=1-Na", [True, True, False]),
        ("K - Na >= 0", [True, False, False]),
        ("2*K-0.5*Na<0.3", [False, True, True]),
        ("-K<=-0.3", [True, True, False]),
        ("Na < K", [True, False, False]),
        ('"T (K)"*1=2', None),
        ("T (K)=2", [False, True, False]),
        ("'T (K)' + 1e0 * K > 2.1", [False, True, True]),
    ],
)
def test_a_relation_is_read_and_the_bound_itself_is_allowed(text, held):
    if held is None:
        with pytest.raises(ConfigurationError, match=r"^constraint: expected such as 'K\+Na=1'"):
            parse_constraints(text, as_typed)
        return
    (constraint,) = parse_constraints(text, as_typed)

    assert constraint.holds(VALUES.__getitem__).tolist() == held


def test_an_equality_is_solved_for_a_term():
    (constraint,) = parse_constraints("2*K+Na=1", as_typed)

    np.testing.assert_allclose(constraint.solved_for("K", VALUES.__getitem__), [0.25, 0.15, 0.4])


def test_several_relations_are_separated_by_commas_and_words():
    assert [each.relation for each in parse_constraints("K+Na=1, K<0.6 and Na>0.1;K>0", as_typed)] == [
        "=",
        "<",
        ">",
        ">",
    ]


@pytest.mark.parametrize("text", ["K", "K+", "K=", "=1", "K**2=1", "K Na", "1=1", "K-K=0", "K=1=2"])
def test_what_is_no_relation_says_so(text):
    with pytest.raises(ConfigurationError, match=r"^constraint: "):
        parse_constraints(text, as_typed)
