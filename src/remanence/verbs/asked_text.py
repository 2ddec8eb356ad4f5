"""What is asked of a model from Python, as a user would type it on the command line."""

from collections.abc import Mapping
from typing import Any

from remanence.studies.design.named_inputs import typed_name


def asked_text(value: Any) -> str:
    """Return a value of ``design`` or ``suggest`` as text.

    Args:
        value: text; or a mapping of names to a range (tuple of lowest value, highest value and maybe a step), to a list
            of values, or to one value.

    >>> asked_text({"x": (0, 0.25), "Process": ["NS", "QS"], "T, hot": 1150})
    'x=0:0.25,Process=[NS,QS],"T, hot"=1150'
    >>> asked_text("x=0:0.25"), asked_text(5)
    ('x=0:0.25', '5')
    """
    if isinstance(value, Mapping):
        return ",".join(f"{typed_name(str(name))}={_value(each)}" for name, each in value.items())
    return _value(value)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return ":".join(map(_value, value))
    if isinstance(value, list):
        return f"[{','.join(map(_value, value))}]"
    plain = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    return str(plain)
