"""Which driver a database is opened with."""

_BARE = "postgresql://"
_DRIVEN = "postgresql+psycopg2://"


def with_driver(address: str) -> str:
    """The address, naming the driver that is installed where it names none.

    Which driver SQLAlchemy takes for a bare `postgresql://` differs between its versions. An
    address that names a driver is left as it is, and so is one of anything but PostgreSQL.
    """
    return _DRIVEN + address.removeprefix(_BARE) if address.startswith(_BARE) else address
