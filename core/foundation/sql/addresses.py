"""Database addresses as SQLAlchemy reads them, and the driver that each is opened with."""

_DRIVERS = {"postgresql": "postgresql+psycopg2"}


def with_driver(address: str) -> str:
    """The address, naming the driver that is installed where it names none.

    Which driver SQLAlchemy takes for a bare `postgresql://` differs between its versions. An
    address that names a driver is left as it is, and so is one of anything but PostgreSQL.
    """
    scheme, separator, rest = address.partition("://")
    return f"{_DRIVERS.get(scheme, scheme)}{separator}{rest}"
