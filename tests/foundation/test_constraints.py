import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from remanence.foundation import constraints
from remanence.foundation.constraints import Count, node, nodes_of


@node
class Fixed:
    """A value that stays."""

    kind: Literal["fixed"]
    value: float = 1.0


@node
class Rising:
    """A value that rises."""

    kind: Literal["rising"]
    steps: Count


LEAST = {
    "Positive": (1e-12, 0.0),
    "NonNegative": (0.0, -1e-12),
    "Count": (1, 0),
    "Index": (0, -1),
    "Folds": (2, 1),
    "Seed": (0, -1),
    "Part": (1e-12, 0.0),
    "Share": (0.0, -1e-12),
    "Fraction": (1e-12, 0.0),
    "Counts": ([1], []),
    "Positives": ([0.1], [0.0]),
    "Fractions": ([0.5], [1.0]),
    "Names": (["x"], []),
}
"""What is just allowed, and what is just not."""
MOST = {
    "Fraction": (1 - 1e-12, 1.0),
    "Share": (1 - 1e-12, 1.0),
    "Part": (1.0, 1 + 1e-12),
    "Seed": (2**32 - 1, 2**32),
}


def refuses(annotation, value):
    with pytest.raises(ValidationError):
        TypeAdapter(annotation, config=None).validate_python(value, strict=True)
    return True


@pytest.mark.parametrize(("name", "values"), [*LEAST.items(), *MOST.items()])
def test_a_constraint_ends_where_it_says(name, values):
    allowed, refused = values
    annotation = getattr(constraints, name)

    assert TypeAdapter(annotation).validate_python(allowed) == allowed
    assert refuses(annotation, refused)


def test_a_node_converts_nothing_and_knows_its_keys():
    check = TypeAdapter(Rising).validate_json

    assert check('{"kind": "rising", "steps": 3}') == Rising(kind="rising", steps=3)
    for wrong in ('"3"', "3.5", "true", "0"):
        with pytest.raises(ValidationError, match="steps"):
            check(f'{{"kind": "rising", "steps": {wrong}}}')
    with pytest.raises(ValidationError, match="unexpected"):
        check('{"kind": "rising", "steps": 3, "step": 1}')


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_node_takes_finite_numbers_only(value):
    with pytest.raises(ValidationError, match="finite"):
        TypeAdapter(Fixed).validate_json(json.dumps({"kind": "fixed", "value": value}))


@pytest.mark.parametrize(
    ("annotation", "found"),
    [
        (int, []),
        (Any, []),
        (dict[str, int] | None, []),
        (Fixed, [Fixed]),
        (Fixed | None, [Fixed]),
        (list[Fixed], [Fixed]),
        (Mapping[str, Rising], [Rising]),
        (Annotated[Fixed | Rising, Field(discriminator="kind")], [Fixed, Rising]),
    ],
)
def test_the_nodes_of_a_type_are_found_wherever_they_stand(annotation, found):
    assert nodes_of(annotation) == found
