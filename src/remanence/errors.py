"""The errors a user can mend. Each is one line; ``cli`` prints it without a traceback and exits with 2."""

from pathlib import Path


class UserError(Exception):
    """Something in the command, the configuration or the data is wrong, and nothing was started."""


class ConfigurationError(UserError):
    """The configuration is wrong: the message names the key, what was given and what is allowed."""


class UnknownObjective(ConfigurationError):  # noqa: N818  it is one
    """No metric has the name of the objective, which is known when a first trial has ended: so will no other's."""


class NotStackable(ConfigurationError):  # noqa: N818  a network, not an accident
    """A network cannot be trained as members of a stack; it may be trained by itself."""


class DataError(UserError):
    """The data are wrong: the message names the file and the row, column or HDF5 path."""


class ChangedFile(DataError):  # noqa: N818  the name says what has happened
    """A file has another content than when a sweep began, so that its trials could not be compared."""


class DamagedFile(DataError):  # noqa: N818  the name says what has happened
    """A file was written whole once, and cannot be read any more: the message names it and the reason."""

    def __init__(self, path: Path, reason: str, *, run_id: str | None = None) -> None:
        where = path if run_id is None else f"run {run_id}: its artifact {path}"
        super().__init__(f"{where}: cannot be read: {reason}")
        self.path, self.reason = path, reason

    def of_run(self, run_id: str, folder: Path) -> "DamagedFile":
        """Return the same error of an artifact of a run, which was downloaded into a temporary folder."""
        return DamagedFile(self.path.relative_to(folder), self.reason, run_id=run_id)
