"""The time by the clock of a database or a server, because the clocks of the machines that share it may differ."""

import time
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

CLOCKS = {
    "postgresql": "SELECT EXTRACT(EPOCH FROM CLOCK_TIMESTAMP())",
    "mysql": "SELECT UNIX_TIMESTAMP(SYSDATE(6))",
    "mariadb": "SELECT UNIX_TIMESTAMP(SYSDATE(6))",
    "mssql": "SELECT DATEDIFF_BIG(MILLISECOND, '1970-01-01', SYSUTCDATETIME()) / 1000.0",
}
"""Statement that asks a server for the seconds since 1970; SQLite files are for the processes of one machine."""


@cache
def engine(url: str) -> "Engine":
    """Return SQLAlchemy's engine of a database server; connections that a restart has cut are opened again."""
    from sqlalchemy import create_engine

    return create_engine(url, pool_pre_ping=True)


def now_at(uri: str) -> float:
    """Return the seconds since 1970 by the clock of a database or MLflow server; of a file, by this machine's clock.

    Raises:
        Exception: if the server does not answer; ``patience.is_away`` is true for this exception.
    """
    from remanence.tracking.patience import check_health  # imports MLflow; the plan of a sweep is checked without it

    if (date := check_health(uri)) is not None:
        return parsedate_to_datetime(date).timestamp()
    if (statement := CLOCKS.get(uri.partition(":")[0].partition("+")[0])) is None:
        return time.time()
    from sqlalchemy import text

    with engine(uri).connect() as connection:
        return float(connection.execute(text(statement)).scalar_one())
