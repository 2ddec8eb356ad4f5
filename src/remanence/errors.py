"""The errors a user can mend. Each is one line; ``cli`` prints it without a traceback and exits with 2."""


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
