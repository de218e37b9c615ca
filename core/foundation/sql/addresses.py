"""What an address of a database says: its driver, and the file of SQLite."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc

_BARE = "postgresql://"
_DRIVEN = "postgresql+psycopg2://"


def with_driver(address: str) -> str:
    """The address, naming the driver that is installed where it names none.

    Which driver SQLAlchemy takes for a bare `postgresql://` differs between its versions. An
    address that names a driver is left as it is, and so is one of anything but PostgreSQL.
    """
    return _DRIVEN + address.removeprefix(_BARE) if address.startswith(_BARE) else address


def file_of(url: str) -> Path | None:
    """The file of an SQLite database; None of any other, and where the address makes no sense."""
    try:
        address = sa.make_url(url)
    except (exc.SQLAlchemyError, ValueError):
        return None  # opening it says what is wrong
    if address.get_backend_name() != "sqlite" or not address.database:
        return None
    return Path(address.database)
