"""Finding the messages of the package that advise a command, or an override of the configuration."""

import ast
import re
from pathlib import Path

import remanence

PACKAGE = Path(remanence.__file__).parent
COMMAND = re.compile(
    r"\b(remanence|mlflow|pip|make|torchrun|srun) [a-z-]|python -[cm] |^advised_command |`\{…\}` brings"
)
OVERRIDE = re.compile(
    r"\b(add|give|set|take|try|see|keep|as|leave|with) (-m\b|~?[a-z_./]+=)|; [a-z_.]+=|= (takes|changes)"
)


def advice() -> dict[str, str]:
    """Return each message that may advise a command or an override, to where it stands."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for line, text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
            if COMMAND.search(text) or OVERRIDE.search(text):
                found[text] = f"{path.relative_to(PACKAGE)}:{line}"
    return found


def _texts(tree):
    """Yield the line and text of every string that is no docstring; a gap stands for what is filled in."""
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "advised_command":
            yield node.lineno, " ".join(["advised_command", *filter(None, map(_text, node.args))])
        elif id(node) not in statements | within and (text := _text(node)):
            yield node.lineno, text


def _text(node) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{…}" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
