"""``remanence clean``: list what takes room under the outputs and no run needs, and remove it."""

import shlex

from rich.filesize import decimal

from remanence.errors import ConfigurationError
from remanence.foundation.terminal import console
from remanence.verbs.arguments import ADDRESS, read_arguments


def main(arguments: list[str]) -> int:
    """List what can be removed, or with ``yes=true`` remove it; ``sweep=NAME`` packs the trials of a finished sweep."""
    given = read_arguments("clean", arguments, optional=["yes", "sweep"])
    if (answer := given.get("yes", "false").lower()) not in ("true", "false"):
        raise ConfigurationError(f"clean: yes: expected true or false, got '{given['yes']}'")
    from remanence.tracking.address import default_outputs, tracking_uri
    from remanence.tracking.database import open_existing

    outputs = default_outputs().absolute()
    uri = tracking_uri(given.get(ADDRESS), outputs)
    confirmed = answer == "true"
    client = open_existing(uri, to_change=confirmed)
    if "sweep" in given:
        from remanence.tracking.address import without_secrets
        from remanence.tracking.archive import archive, trials_to_archive
        from remanence.tracking.own_files import remove

        folder, files = trials_to_archive(client, without_secrets(uri), outputs, given["sweep"])
        before = sum(path.stat().st_size for path in files)
        if not confirmed or not files:
            console.print(f"{len(files)} files of trials, {decimal(before)}, would be packed; the best trial's stay")
            return _hint(bool(files))
        path = archive(folder, files)
        remove(files)
        unpack = shlex.join(["python", "-m", "zipfile", "-e", str(path), str(folder)])
        console.print(f"packed into {path}: {decimal(before)} are {decimal(path.stat().st_size)} now")
        console.print(f"to unpack: {unpack}")
        return 0
    from remanence.reproduction.fresh_environment import FOLDER, room_of_environments
    from remanence.tracking.clean import find_unneeded
    from remanence.tracking.own_files import remove

    found = find_unneeded(client, uri, outputs)
    sizes = found.sizes
    for reason, files in found.files.items():
        console.print(f"{decimal(sizes[reason]):>9}  {len(files)} {reason}")
        if confirmed:
            remove(files)
    for reason, number in found.left.items():
        console.print(f"left alone: {number} runs {reason}")
    environments, size = room_of_environments(outputs)
    if environments:
        remove_them = shlex.join(["rm", "-r", str(outputs / FOLDER)])
        console.print(f"left alone: {environments} environments of remanence reproduce, {decimal(size)}; {remove_them}")
    total = decimal(sum(sizes.values()))
    console.print(f"{total} are free now" if confirmed else f"{total} could be freed")
    return 0 if confirmed else _hint(bool(found.files))


def _hint(is_something: bool) -> int:
    if is_something:
        console.print("nothing is removed yet; add yes=true")
    return 0
