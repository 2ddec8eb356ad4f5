"""A new virtual environment with the versions that a run has recorded, in which the run is made again."""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path

from filelock import FileLock

from remanence import __version__
from remanence.errors import ConfigurationError
from remanence.foundation.first_few import first_few
from remanence.foundation.whole_file import write_text
from remanence.tracking.environments import versions_of
from remanence.tracking.patience import tell

PACKAGE = "remanence"
FOLDER = "environments"
"""Folder of the environments, below the outputs."""
COMPLETE = "remanence.txt"
"""File that is written when everything is installed; an environment without it was interrupted."""
SEPARATE = ("Python", "CUDA", PACKAGE, "torch", "pip", "setuptools", "wheel")
"""Names of a recorded environment that are not installed with the others."""
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
VERSION = re.compile(r"[A-Za-z0-9.!_-]+(\+[A-Za-z0-9._-]+)?")
"""What a name and a version of a package look like; anything else could be an option or an address for pip."""
Installer = Callable[[Sequence[str], Path], None]
"""Function that runs a command, and writes what it prints to the end of a file."""


def fresh_environment(recorded: str, outputs: Path, *, run: "Installer | None" = None) -> Path:
    """Return the Python of an environment with recorded versions; it is made if there is none of these versions yet.

    torch is installed first, then what the package needs, in the recorded versions and no other, then the package as it
    is here. pip asks the indexes that this machine's own configuration names.

    Args:
        recorded: text of ``provenance.environment``.
        outputs: folder of all outputs.
        run: what runs a command; None runs it in a process.

    Raises:
        ConfigurationError: if nothing is recorded, there is no such Python here, or pip cannot install a version.
    """
    versions = _pinned(recorded)
    if "torch" not in versions or "Python" not in versions:
        raise ConfigurationError(_cannot("the run has recorded no versions"))
    python, run = _python(versions["Python"]), run or _run
    key = hashlib.sha256("\n".join([recorded, __version__]).encode()).hexdigest()[:12]
    folder = outputs.absolute() / FOLDER / key
    folder.parent.mkdir(parents=True, exist_ok=True)
    own, log = folder / "bin" / "python", folder / "pip.txt"
    with FileLock(f"{folder}.lock"):
        if (folder / COMPLETE).is_file():
            return own
        shutil.rmtree(folder, ignore_errors=True)
        began = time.monotonic()
        tell(f"a fresh environment with torch {versions['torch']} is made in {folder}; that takes minutes")
        run([python, "-m", "venv", str(folder)], log)
        _install(run, own, versions, folder, log)
        _install_package(run, own, folder, log)
        write_text(folder / COMPLETE, recorded)
        tell(f"the environment is there after {time.monotonic() - began:.0f} s")
    return own


def room_of_environments(outputs: Path) -> tuple[int, int]:
    """Return the number of environments below the outputs, and the bytes of their files."""
    folder = outputs / FOLDER
    if not folder.is_dir():
        return 0, 0
    sizes = (path.lstat().st_size for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return sum((path / "pyvenv.cfg").is_file() for path in folder.iterdir()), sum(sizes)


def _pinned(recorded: str) -> dict[str, str]:
    return {
        name: version
        for name, version in versions_of(recorded).items()
        if NAME.fullmatch(name) and VERSION.fullmatch(version)
    }


def _python(version: str) -> str:
    """Return an interpreter of the recorded minor version."""
    minor = ".".join(version.split(".")[:2])
    if minor == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{minor}")
    if found is None:
        raise ConfigurationError(_cannot(f"the run was made with Python {version}, and there is no python{minor} here"))
    return found


def _install(run: Installer, own: Path, versions: dict[str, str], folder: Path, log: Path) -> None:
    constraints = folder / "recorded.txt"
    pins = {name: version for name, version in versions.items() if name not in SEPARATE}
    constraints.write_text("".join(f"{name}=={version}\n" for name, version in pins.items()), encoding="utf-8")
    torch = versions["torch"]
    public = torch.partition("+")[0]  # a build such as +cpu is not on every index
    try:
        run(_pip(own, f"torch=={torch}", "-c", str(constraints)), log)
    except ConfigurationError:
        if public == torch:
            raise
        run(_pip(own, f"torch=={public}", "-c", str(constraints)), log)
        tell(f"torch {torch} is on no index of this machine; torch {public} is installed")
    needed = [f"{name}=={pins[name]}" for name in _needed(pins)]
    run(_pip(own, *needed, "-c", str(constraints)), log)


def _install_package(run: Installer, own: Path, folder: Path, log: Path) -> None:
    if (source := source_of_package()) is not None:
        run(_pip(own, "--no-deps", str(source)), log)
        return
    (place,) = (folder / "lib").glob("python*/site-packages")
    for file in metadata.distribution(PACKAGE).files or ():
        if ".." not in file.parts:  # the command, which is not needed here
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), place / file)


def source_of_package() -> Path | None:
    """Return the checkout that the package runs from; None if it is installed as a copy."""
    import remanence

    top = Path(remanence.__file__).parents[2]
    return top if is_package(top) else None


def is_package(top: Path) -> bool:
    """Return whether a folder is a checkout of this package."""
    return (top / "pyproject.toml").is_file() and (top / "src" / PACKAGE / "__init__.py").is_file()


def _needed(pins: Iterable[str]) -> list[str]:
    """Return the recorded packages that this package asks for, without those of its extra ``dev``."""
    known = {_normal(name): name for name in pins}
    asked = [each for each in metadata.requires(PACKAGE) or () if "extra == 'dev'" not in each.replace('"', "'")]
    names = [_normal(re.split(r"[^A-Za-z0-9._-]", each, maxsplit=1)[0]) for each in asked]
    return sorted({known[name] for name in names if name in known})


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pip(own: Path, *arguments: str) -> list[str]:
    return [str(own), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]


def _run(command: Sequence[str], log: Path) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise ConfigurationError(_cannot(f"{command[0]}: {error.strerror}")) from error
    if log.parent.is_dir():
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(command)}\n{done.stdout}{done.stderr}\n")
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        reason = first_few(lines[:2], of=len(lines)) if lines else f"exit code {done.returncode}"
        raise ConfigurationError(_cannot(f"{reason} ({log} has the whole answer)"))


def _cannot(why: str) -> str:
    return f"environment=fresh: {why}; environment=current says what differs and goes on with what is installed"
