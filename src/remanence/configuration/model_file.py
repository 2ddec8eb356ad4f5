"""Writing ``conf/model/<name>.yaml`` from the constructor of a model: its arguments, defaults and descriptions.

``python -m remanence.configuration.model_file remanence.models.dnn.DNN conf/model/dnn.yaml`` writes a file, or updates
an existing file and keeps its comments. Without arguments, the command compares every file of ``conf/model`` with its
class; the exit code is 1 if any differs.
"""

import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml

from remanence.configuration.described import FROM_DATA, Described, describe
from remanence.configuration.folder import conf_folder
from remanence.foundation.whole_file import write_text

COMMENT_COLUMN = 22
"""Column in which a comment begins if the value before it is short."""


def model_file(described: Described, before: str = "") -> str:
    r"""Return the text of the file of a model.

    Args:
        described: class of the model.
        before: present text of the file; its comments and the order of its keys are kept.

    >>> described = describe("remanence.models.pca.PCA")
    >>> before = "# Mine.\n_target_: remanence.models.pca.PCA\nn_components: 7   # why\n"
    >>> print(model_file(described, before), end="")
    # Mine.
    _target_: remanence.models.pca.PCA
    n_components: 5   # why
    """
    lines = before.splitlines() or [f"# {described.summary}", f"_target_: {described.target}"]
    there: set[str] = set()
    kept = []
    for line in lines:
        found = re.match(r"(\w+): *(\S.*?)? *(#.*)?$", line)
        if found is None or line.startswith(("#", "_target_", "defaults")):
            kept.append(line)
            continue
        key, written, comment = (part or "" for part in found.groups())
        there.add(key)
        if key in described.defaults and yaml.safe_load(written) != _default(described, key):
            value = f"{key}: {_text(described, key)}"
            line = f"{value:{len(line) - len(comment) - 2}}  {comment}" if comment else value
        kept.append(line)
    for key in (entry.name for entry in fields(described.schema)):
        # a default that is not a plain value cannot be written to YAML; the class provides it
        if key not in there | FROM_DATA and key in described.required | described.defaults.keys():
            value = f"{key}: {_text(described, key)}"
            about = described.documentation.get(key, "").removesuffix(".")
            kept.append(f"{value:{COMMENT_COLUMN - 2}}  # {about}" if about else value)
    return "\n".join(kept) + "\n"


def differing_files() -> list[Path]:
    """Return the files of ``conf/model`` that differ from their class; variants of another file are left out."""
    differing = []
    for path in sorted((conf_folder() / "model").glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        values: dict[str, Any] = yaml.safe_load(text) or {}
        described = describe(str(values.get("_target_")))
        if described is not None and path.stem == _own_name(described) and model_file(described, text) != text:
            differing.append(path)
    return differing


def _own_name(described: Described) -> str:
    """Return the name of the main file of a class, which is the name of the class's module."""
    return described.target.split(".")[-2]


def _default(described: Described, key: str) -> Any:
    """Return the value for a file: the default, ``???`` if there is none; a model's seed refers to the run's seed."""
    return "${seed}" if key == "seed" else described.defaults.get(key, "???")


def _text(described: Described, key: str) -> str:
    dumped: str = (
        yaml.safe_dump(_default(described, key), default_flow_style=True, width=1000).removesuffix("...\n").strip()
    )
    return dumped.strip("'") if key == "seed" or key not in described.defaults else dumped


def main(arguments: list[str]) -> int:
    """Write one file, or compare all of them."""
    if not arguments:
        differing = differing_files()
        for path in differing:
            print(f"{path}: differs from its class; python -m remanence.configuration.model_file CLASS FILE mends it")
        return int(bool(differing))
    target, name = arguments
    described = describe(target)
    if described is None:
        print(f"{target}: no such class", file=sys.stderr)
        return 2
    path = Path(name)
    write_text(path, model_file(described, path.read_text(encoding="utf-8") if path.is_file() else ""))
    print(f"written to {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
