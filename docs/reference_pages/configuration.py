"""Reference pages of the configuration: a page for each group of ``conf``, a table for each of its files."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from reference_pages.commented_file import CONF, read_commented
from reference_pages.described_keys import DescribedKey, described_keys, target_of
from reference_pages.markdown_text import escaped

COMPOSITIONS = ("experiment", "sweep")
"""Groups whose files only choose and set what others offer."""
ABOUT = {
    "data": "What is read, and how rows or pixels are held out.",
    "model": "What is trained or fitted. A scale of a chain and its heads are described by files of their own.",
    "baselines": "Models that are fitted to the same rows and printed beside the run.",
    "ensemble": "How many networks share the rows outside the test.",
    "trainer": "Arguments of Lightning's Trainer, for networks.",
    "callbacks": "When weights are kept and when a training stops.",
    "beta_schedule": "How β goes while a β-VAE trains, and how many latents it ends with.",
    "blend": "Baselines whose predictions are averaged with those of the networks.",
    "augmentation": "Rows that are drawn for a second training.",
    "pruner": "When a sweep stops a trial that is behind the others.",
    "tracking": "Where runs are recorded.",
    "hydra": "How a sweep searches, and where its trials run.",
}


def choices() -> dict[str, list[str]]:
    """Return, for each group with a page, the names of its files; those that begin with ``_`` are no choices."""
    found: dict[str, list[str]] = {group: [] for group in ABOUT}
    for path in sorted(CONF.rglob("*.yaml")):
        name = str(path.relative_to(CONF).with_suffix(""))
        group = name.partition("/")[0]
        if group in found and not path.stem.startswith("_"):
            found[group].append(name)
    return found


def configuration_pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of every page."""
    yield "reference/configuration/index.md", _index()
    for group, names in choices().items():
        sections = "\n\n".join(_section(name) for name in names)
        yield f"reference/configuration/{group}.md", f"# `{group}`\n\n{ABOUT[group]}\n\n{sections}\n"
    yield "reference/configuration/experiments.md", _compositions()


def key_table(keys: list[DescribedKey]) -> str:
    """Return keys as a table; nothing for none."""
    if not keys:
        return ""
    rows = ["| key | default | takes | unit | meaning |", "|---|---|---|---|---|"]
    for key in keys:
        reason = f"<br><small>{_cell(key.reason)}</small>" if key.reason else ""
        rows.append(
            f"| `{key.name}` | {_default(key.default)} | {_cell(key.allowed)} | {key.unit} "
            f"| {_cell(key.meaning)}{reason} |"
        )
    return "\n".join(rows)


def _index() -> str:
    groups = "\n".join(
        f"| [`{group}`]({group}.md) | {about} | {len(choices()[group])} |" for group, about in ABOUT.items()
    )
    return (
        "# Configuration\n\nEvery choice is a YAML below `conf/`: `model=ridge` takes `conf/model/ridge.yaml`, "
        "`model.alphas=[1.0]` sets a key of it, and `remanence train --cfg job …` prints the whole. These pages are "
        "made from those files, the types that check them, and the docstrings of the classes they configure.\n\n"
        f"| group | what it decides | choices |\n|---|---|---|\n{groups}\n"
        "| [experiments and sweeps](experiments.md) | choices of all groups under one name | |\n\n"
        f"## Keys of no group\n\n{_cell(read_commented('train').summary)}\n\n"
        f"{key_table([key for key in described_keys('train') if not key.allowed.startswith('a file')])}\n"
    )


def _section(name: str) -> str:
    group, _, choice = name.rpartition("/")
    target = target_of(name)
    lines = [f"## `{group}={choice}`", "", escaped(read_commented(name).summary)]
    if target is not None:
        lines += ["", f"<small>{target}</small>"]
    return "\n".join([*lines, "", key_table(described_keys(name))])


def _compositions() -> str:
    parts = [
        "# Experiments and sweeps",
        "",
        "Choices of all groups under one name; what else is typed goes before them.",
    ]
    for group in COMPOSITIONS:
        parts += ["", f"## `{group}=`", "", "| name | what it is | sets |", "|---|---|---|"]
        for path in sorted((CONF / group).rglob("*.yaml")):
            if path.stem.startswith("_"):
                continue
            name = str(path.relative_to(CONF / group).with_suffix(""))
            summary = _cell(read_commented(f"{group}/{name}").summary)
            parts.append(f"| `{name}` | {summary} | {_sets(path)} |")
    return "\n".join(parts) + "\n"


def _sets(path: Path) -> str:
    """Return what the file of an experiment or a sweep chooses and searches."""
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    said = []
    for entry in content.get("defaults", []):
        if isinstance(entry, dict):
            ((where, chosen),) = entry.items()
            said.append(f"`{where.removeprefix('override ').lstrip('/')}={chosen}`")
    searched = ((content.get("hydra") or {}).get("sweeper") or {}).get("params") or {}
    said += [f"`{key}={value}`" for key, value in searched.items()]
    return "<br>".join(_cell(text) for text in said)


def _default(value: object) -> str:
    if value == "???":
        return "*must be given*"
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True)
    text = text.removesuffix("\n").removesuffix("\n...").strip()
    if len(text) > 60:
        text = f"{text[:57]}…"
    bare = text.replace("|", "\\|")
    return f"`{bare}`"


def _cell(text: str) -> str:
    """Return text that stands in a cell of a table as it is."""
    return escaped(text).replace("|", "\\|").replace("\n", " ")
