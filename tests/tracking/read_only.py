"""Run commands where a folder may only be read, in a process of its own, and print what each answered as JSON.

``python read_only.py <folder> <commands as JSON>``. A user without rights may not write where the permissions say so;
root may, so for root the folder is mounted read-only, in a namespace that no other process sees.
"""

import ctypes
import json
import os
import stat
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

NEWNS, READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 0x20000, 1, 32, 4096, 16384, 1 << 18


def forbid_writing(folder: Path) -> None:
    if os.geteuid() != 0:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
        return
    libc, place = ctypes.CDLL(None, use_errno=True), os.fsencode(folder)
    for call in (
        lambda: libc.unshare(NEWNS),
        lambda: libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None),
        lambda: libc.mount(place, place, None, BIND, None),
        lambda: libc.mount(place, place, None, BIND | REMOUNT | READ_ONLY, None),
    ):
        if call():
            raise OSError(ctypes.get_errno(), "this machine lets root not mount a folder read-only")


def main() -> None:
    folder, commands = Path(sys.argv[1]), json.loads(sys.argv[2])
    try:
        forbid_writing(folder)
        (folder / "written").touch()
    except OSError as error:
        if error.errno not in (13, 30):  # not allowed, or read-only: as it should be
            print(json.dumps(str(error)))
            return
    if commands == ["ui"]:
        os.execv(sys.executable, [sys.executable, "-m", "remanence", *sys.argv[3:]])
    from remanence.verbs.cli import main as remanence

    answers = []
    for command in commands:
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = remanence(command)
        answers.append([code, out.getvalue(), err.getvalue()])
    print(json.dumps(answers))


def where_nobody_writes(folder: Path, *commands: list[str]) -> list[list] | str:
    """Return code, output and error of each command; a text if this machine cannot forbid to write."""
    script = [sys.executable, __file__, str(folder), json.dumps(commands)]
    done = subprocess.run(script, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
