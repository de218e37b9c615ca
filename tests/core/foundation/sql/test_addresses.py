"""Which driver an address is opened with."""

import pytest

from core.foundation.sql.addresses import with_driver
from core.foundation.sql.engines import open_engines


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "postgresql://lens:a%2Fb@db/records?a=://",
            "postgresql+psycopg2://lens:a%2Fb@db/records?a=://",
        ),
        ("postgresql+asyncpg://db/records", "postgresql+asyncpg://db/records"),
        ("sqlite:////tmp/records.db", "sqlite:////tmp/records.db"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("postgresql", "postgresql"),
        ("", ""),
    ],
)
def test_only_a_bare_postgresql_address_gets_a_driver(address: str, expected: str) -> None:
    assert with_driver(address) == expected


def test_engines_are_opened_with_the_driver_that_is_installed() -> None:
    engines = open_engines("postgresql://127.0.0.1:1/records")
    assert {engines.reading.driver, engines.writing.driver} == {"psycopg2"}
