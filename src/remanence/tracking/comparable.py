"""Which runs may be compared: those that were tested on the same data, by the same target and kind of split."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from remanence.tracking.compared_run import ComparedRun
from remanence.tracking.stored_runs import StoredRun

TARGET = re.compile(r"data\.target|(data|model)\.(.*\.)?targets?")
DRAWN = ("data.split.seed", "data.split.bins", "data.split.validation", "data.split.fold", "data.split.repeats")
"""Keys of a split that draw other rows in the same way; errors of such runs are of one kind."""
HELD_OUT = ("data.split.", "data.groups", "data.duplicates", "data.families", "data.leave_out")
"""Beginnings of the keys that say which rows are held out."""
SYNTHETIC_TAG = "remanence.synthetic"
"""Tag that says whether the data of a run were simulated."""
DIGITS = 6
"""Digits of the digest that tell data of one name apart."""


class Test(NamedTuple):
    """What a run was tested on."""

    names: tuple[str, ...]
    digests: tuple[str, ...]
    target: str
    split: str

    @classmethod
    def of(cls, run: ComparedRun, *, drawn_alike: bool = False) -> "Test":
        """Return what a run was tested on, as far as it has written it down.

        Args:
            run: the run.
            drawn_alike: leave out the digests of simulated data, which differ with each seed that draws them.
        """
        read = sorted(_datasets(run)) or [(run.data.tags.get("remanence.data", ""), "")]
        if drawn_alike and run.data.tags.get(SYNTHETIC_TAG, "").lower() == "true":
            read = [(name, "") for name, _ in read]
        params = run.data.params
        targets = [value for key, value in sorted(params.items()) if TARGET.fullmatch(key) and value != "None"]
        split = [
            f"{key.rpartition('.')[2]} {value}"
            for key, value in sorted(params.items())
            if key.startswith(HELD_OUT) and key not in DRAWN
        ]
        names, digests = zip(*read, strict=True)
        return cls(names, digests, ", ".join(dict.fromkeys(targets)), ", ".join(split))


def groups(runs: Sequence[ComparedRun], *, drawn_alike: bool = False) -> list[str]:
    """Return for each run the name of its group; runs of one group may be compared, runs of different groups may not.

    A group is named after its data and its target; its digest and its split are added where they tell groups apart.

    Args:
        runs: the runs.
        drawn_alike: whether simulated data count as the same whatever seed drew them: then a group is what can be
            repeated over seeds, and single values of its runs may still have different rows.
    """
    tests = [Test.of(run, drawn_alike=drawn_alike) for run in runs]
    kinds = list(dict.fromkeys(tests))
    parts: list[Callable[[Test], str]] = [
        lambda test: " + ".join(dict.fromkeys(test.names)),
        lambda test: f"target {test.target}" if test.target else "",
        lambda test: ", ".join(digest[:DIGITS] for digest in test.digests),
        lambda test: test.split,
    ]
    names = {test: [parts[0](test), parts[1](test)] for test in kinds}
    for part in parts[2:]:
        alike: dict[tuple[str, ...], list[Test]] = defaultdict(list)
        for test in kinds:
            alike[tuple(names[test])].append(test)
        for same in alike.values():
            if len({part(test) for test in same}) > 1:
                for test in same:
                    names[test].append(part(test))
    shown = {test: ", ".join(filter(None, name)) for test, name in names.items()}
    seen = Counter(shown.values())  # data whose digests begin alike
    unique = {test: name if seen[name] == 1 else f"{name} ({kinds.index(test) + 1})" for test, name in shown.items()}
    return [unique[test] for test in tests]


def grouped(runs: Sequence[ComparedRun], *, drawn_alike: bool = False) -> dict[str, list[ComparedRun]]:
    """Return the runs of each group by its name, see ``groups``; groups and runs keep their order."""
    of_group: dict[str, list[ComparedRun]] = {}
    for run, group in zip(runs, groups(runs, drawn_alike=drawn_alike), strict=True):
        of_group.setdefault(group, []).append(run)
    return of_group


def _datasets(run: ComparedRun) -> list[tuple[str, str]]:
    """Return name and digest of each data set that a run read."""
    if isinstance(run, StoredRun):
        return run.datasets
    inputs = getattr(run, "inputs", None)
    return [] if inputs is None else [(each.dataset.name, each.dataset.digest) for each in inputs.dataset_inputs]
