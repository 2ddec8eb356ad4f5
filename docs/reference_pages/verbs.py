"""The reference page of the verbs: what ``--help`` says of each, and the docstring of its function in Python."""

import ast
import importlib
import importlib.util
from pathlib import Path

from reference_pages.markdown_text import escaped
from remanence.errors import ConfigurationError
from remanence.verbs.cli import VERBS

PYTHON = ("train", "repeat", "evaluate", "predict", "design", "suggest", "compare")
"""Verbs that are functions of the package as well."""


def verbs_page() -> str:
    """Return the page."""
    parts = [
        "# Verbs",
        "",
        "```\nremanence <verb> [key=value ...] [--debug]\n```",
        "",
        "Only `train` and `repeat` take a whole [configuration](configuration/index.md); the others take the keys "
        "named here. Exit codes: 0 done; 2 an error in the command, the configuration or the data, told in one line; "
        "1 a failure; 129, 130 and 143 on SIGHUP, SIGINT and SIGTERM. `--debug` shows a traceback.",
    ]
    for verb, (module, about) in VERBS.items():
        parts += ["", f"## `{verb}`", "", _documentation(module), "", f"<small>{escaped(about)}</small>"]
        if keys := _keys(module):
            parts += ["", f"Keys: {keys}."]
        if verb in PYTHON:
            parts += ["", f"In Python: [`rm.{verb}`](python.md#remanence.verbs.interface.{verb})."]
    return "\n".join(parts) + "\n"


def _keys(module: str) -> str:
    """Return the keys that a verb names when it is asked for one that it does not have; empty if it takes no keys."""
    if "read_arguments(" not in _source(module):
        return ""
    try:
        importlib.import_module(module).main(["?=1"])
    except ConfigurationError as error:
        return ", ".join(f"`{key}=`" for key in str(error).partition("keys: ")[2].split(", "))
    raise AssertionError(f"{module} takes any key")


def _documentation(module: str) -> str:
    """Return the docstring of a verb's module."""
    return escaped((ast.get_docstring(ast.parse(_source(module))) or "").replace("``", "`"))


def _source(module: str) -> str:
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text(encoding="utf-8")
