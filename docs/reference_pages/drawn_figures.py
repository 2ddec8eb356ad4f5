"""Every figure that a run or a sweep draws, read from the calls that log them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "remanence"
KINDS = {
    "studies/table": "table",
    "studies/spectra": "spectra",
    "studies/chain": "chain",
    "studies/suggest": "table",
    "verbs": "table",
    "sweeps": "sweep",
    "studies": "any",
}
"""Folder of the package to what its figures are of; the first that fits counts."""


@dataclass(frozen=True)
class DrawnFigure:
    """A figure below ``figures/`` of a run."""

    name: str
    """Its file without the ending; ``<target>`` and the like stand for what the data are called."""
    kind: str
    what: str
    """First line of the docstring of the function that draws it."""


@cache
def drawn_figures() -> list[DrawnFigure]:
    """Return all figures, by kind and name."""
    drawing = _functions()
    found = {figure for path in sorted(PACKAGE.rglob("*.py")) for figure in _logged(path, drawing)}
    return sorted(found, key=lambda figure: (list(KINDS.values()).index(figure.kind), figure.name))


def _functions() -> dict[tuple[str, str], str]:
    """Return module and name of each function that draws, and what its docstring says first."""
    found = {}
    for path in (PACKAGE / "figures").rglob("*.py"):
        module = ".".join(["remanence", *path.relative_to(PACKAGE).with_suffix("").parts])
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("plot_"):
                what = (ast.get_docstring(node) or "").split("\n\n")[0].replace("\n", " ")
                found[module, node.name] = what.replace("``", "`")
    return found


def _logged(path: Path, drawing: dict[tuple[str, str], str]) -> Iterator[DrawnFigure]:
    kind = next((kind for folder, kind in KINDS.items() if str(path.relative_to(PACKAGE)).startswith(folder)), "")
    if not kind:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.asname or alias.name: drawing.get((str(node.module), alias.name), "")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        latest = ""
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda node: (node.end_lineno or 0, node.end_col_offset or 0)):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if imported.get(called):
                latest = imported[called]
            if called == "log_figure" and len(call.args) > 1:
                yield from (DrawnFigure(name, kind, latest) for name in _names(call.args[1], function, constants))


def _names(expression: ast.expr, function: ast.FunctionDef, constants: dict[str, object]) -> list[str]:
    """Return the names that a figure is logged under: several where a loop or a default gives them."""
    if not isinstance(expression, ast.Name):
        given = {arg.arg: value for arg, value in _defaults(function)}
        return [_pattern(expression, given)]
    if expression.id in constants:
        return [str(constants[expression.id])]
    loops = [node for node in ast.walk(function) if isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple)]
    return [
        str(entry.elts[0].value)
        for loop in loops
        for entry in loop.iter.elts  # type: ignore[attr-defined]
        if isinstance(entry, ast.Tuple) and isinstance(entry.elts[0], ast.Constant)
    ]


def _defaults(function: ast.FunctionDef) -> Iterator[tuple[ast.arg, str]]:
    given = function.args
    keyword = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    positional = zip(given.args[len(given.args) - len(given.defaults) :], given.defaults, strict=True)
    for argument, value in [*keyword, *positional]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            yield argument, value.value


def _pattern(expression: ast.expr, given: dict[str, str]) -> str:
    """Return a name with ``<…>`` for each part that only the run knows."""
    if isinstance(expression, ast.IfExp):
        return _pattern(expression.body, given)
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    parts = []
    for part in getattr(expression, "values", []):
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        else:
            name = _last_name(part)
            parts.append(given.get(name, f"<{name}>"))
    return "".join(parts)


def _last_name(part: ast.AST) -> str:
    names = [node.id for node in ast.walk(part) if isinstance(node, ast.Name) and node.id != "str"]
    return names[-1] if names else "…"
