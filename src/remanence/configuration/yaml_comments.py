"""The comments of a YAML file: what the file is, and what stands beside each of its keys."""

import re
from collections.abc import Iterator

import yaml

SENTENCE_ENDS = (".", "?", "!")
_COMMENT = re.compile(r"(?:^|\s)#\s?(.*)$")


def first_comment(text: str) -> str:
    r"""Return the description that the first comment of a file gives: its first line, or the sentence in it.

    >>> first_comment("# @package _global_\n# Two hidden layers\n# of 64 units.\n# More.\nhidden: [64, 64]\n")
    'Two hidden layers of 64 units.'
    """
    said: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#") or (said and said[-1].endswith(SENTENCE_ENDS)):
            break
        if not line.startswith("# @package") and (words := line.lstrip("#").strip()):
            said.append(words)
    return said[0] if len(said) == 1 else re.sub(r"(?<=[.?!]) (?=[^a-z]).*", "", " ".join(said))


def key_comments(text: str) -> dict[str, str]:
    r"""Return dotted key to the comment beside it; keys without one are left out.

    A comment begins behind the value, or behind the colon of a node, and goes on in lines that hold nothing else and
    begin in the same column or further right.

    >>> key_comments("model:\n  lr: 0.1   # steps\n            # of Adam\n  hidden: [2]\n")
    {'model.lr': 'steps of Adam'}
    """
    lines = text.splitlines()
    return {key: said for key, number in _lines_of_keys(text) if (said := _comment_at(lines, number))}


def _lines_of_keys(text: str) -> Iterator[tuple[str, int]]:
    """Yield each dotted key, and the number of the line that ends its value, or that names it if it is a node."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    yield from _of_node(root, "") if isinstance(root, yaml.MappingNode) else ()


def _of_node(node: yaml.MappingNode, prefix: str) -> Iterator[tuple[str, int]]:
    for name, value in node.value:
        key = f"{prefix}{name.value}"
        is_block = isinstance(value, yaml.CollectionNode) and not value.flow_style
        yield key, name.start_mark.line if is_block else value.end_mark.line
        if isinstance(value, yaml.MappingNode):
            yield from _of_node(value, f"{key}.")


def _comment_at(lines: list[str], number: int) -> str:
    found = _COMMENT.search(_without_quotes(lines[number])) if number < len(lines) else None
    if found is None:
        return ""
    said, column = [lines[number][found.start(1) :]], found.start(1) - 2
    for line in lines[number + 1 :]:
        inner = line.strip()
        if not inner.startswith("#") or line.index("#") < max(column, 1):
            break
        said.append(inner.lstrip("#").strip())
    return " ".join(said).strip()


def _without_quotes(line: str) -> str:
    """Return a line of the same length in which quoted texts cannot be taken for comments."""
    return re.sub(r"'[^']*'|\"[^\"]*\"", lambda quoted: "_" * len(quoted.group()), line)
