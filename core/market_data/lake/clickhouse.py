"""A copy of the stored bars in ClickHouse, for wide reads and SQL; the lake is the original."""

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self, cast
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import pandas as pd
import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from clickhouse_connect.driver.httpclient import HttpClient
from urllib3.exceptions import HTTPError
from urllib3.util.timeout import Timeout

from core.foundation.errors import InvalidInputError, OfflineError, StorageError
from core.market_data.lake.holds import HOLD, readable
from core.market_data.lake.reading import LATEST, named, nanoseconds, shown
from core.reference.schema import BAR_COLUMNS
from core.reference.tickers import Ticker

# Failures are raised as errors here, so the client need not log them too.
logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)

SETTING = "TICKERLENS_CLICKHOUSE_URL"
COLUMNS = (*BAR_COLUMNS, HOLD)
_TEXTS = ("ticker", "source", HOLD)
_SCHEMES = {"clickhouse": "http", "http": "http", "clickhouses": "https", "https": "https"}
_DATABASE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONNECT_SECONDS = 1  # tried twice
_WORK_SECONDS = 60
_AUTHENTICATION_FAILED = 516
_FIRST, _LAST = pd.Timestamp("1900-01-01"), pd.Timestamp("2299-12-31")  # what a Date32 can hold
# Data must be on disk before its stamp: after a power cut the stamp would outlive it.
_TABLE = """
CREATE TABLE IF NOT EXISTS {name} ({columns})
ENGINE = ReplacingMergeTree ORDER BY ({key})
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""
_BARS = (
    "ticker LowCardinality(String), session Date32, open Float64, high Float64, low Float64, "
    "close Float64, volume Float64, dividend Float64, split_ratio Float64, "
    "source LowCardinality(String), ingested_at DateTime64(9, 'UTC'), held LowCardinality(String)"
)
_STAMPS = "ticker String, stamp String, revisions UInt64, digest String"
# FINAL: rows written twice count once, whether or not the engine has merged them yet.
_LATEST = """
SELECT {columns} FROM bars FINAL
WHERE ticker IN {{tickers:Array(String)}} {known}
ORDER BY ticker, session, ingested_at DESC LIMIT 1 BY ticker, session
"""
_KNOWN = "AND toUnixTimestamp64Nano(ingested_at) <= {at:Int64}"
_ARROW = {
    **{name: pa.float64() for name in COLUMNS},
    **{name: pa.string() for name in _TEXTS},
    "session": pa.date32(),
    "ingested_at": pa.timestamp("ns", tz="UTC"),
}


@dataclass(frozen=True)
class Address:
    """Where ClickHouse listens and how to get in; the password is never shown."""

    interface: str
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `clickhouse://user:password@host:8123/database`; http and https will do too.

        Raises
        ------
        InvalidInputError : it is something else; says what, without repeating a password.
        """
        example = "clickhouse://user:password@host:8123/database"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise InvalidInputError(
                "clickhouse.bad-address",
                "{setting} is not an address such as {example}.",
                {"setting": SETTING, "example": example},
                parameter=SETTING,
            )
        database = parts.path.strip("/") or "default"
        interface = _SCHEMES.get(parts.scheme)
        if interface is None or not parts.hostname or not _DATABASE.fullmatch(database):
            raise InvalidInputError(
                "clickhouse.bad-address",
                "{setting} is not an address such as {example}.",
                {"setting": SETTING, "example": example},
                parameter=SETTING,
            )
        user, password = unquote(parts.username or "default"), unquote(parts.password or "")
        port = port or (8443 if interface == "https" else 8123)
        return cls(interface, parts.hostname, port, user, password, database)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Stamp:
    """What was copied of a ticker: the lake's stamp then, how many revisions, and their digest."""

    stamp: str
    revisions: int
    digest: str


class ClickHouseBars:
    """The copy. Connects on first use; safe for several threads.

    Parameters
    ----------
    url : see `Address`.
    timeout : seconds in which it must answer when it is first spoken to.

    Every method that asks it raises OfflineError, within seconds, if ClickHouse does not answer,
    and StorageError if it refuses what is asked.
    """

    def __init__(self, url: str, timeout: int = 2) -> None:
        self._address = Address.parse(url)
        self._timeout = timeout
        self._client: HttpClient | None = None

    def load(
        self,
        tickers: Iterable[Ticker | str] | None = None,
        start: datetime | pd.Timestamp | None = None,
        end: datetime | pd.Timestamp | None = None,
        adjusted: bool = True,
        known_at: datetime | pd.Timestamp | None = None,
    ) -> pd.DataFrame:
        """Read bars as `ParquetBars.load` does; the frame is the same to the last bit."""
        wanted = sorted(self.stamps()) if tickers is None else named(tickers)
        return shown(readable(self.latest(wanted, known_at)), start, end, adjusted)

    def latest(
        self, tickers: Iterable[Ticker], known_at: datetime | pd.Timestamp | None = None
    ) -> pd.DataFrame:
        """The last revision of every session known at an instant, `BAR_COLUMNS` and `held`."""
        symbols = [ticker.symbol for ticker in tickers]
        # Left out where it excludes nothing: the engine would look through every ticker.
        known = "" if known_at is None else _KNOWN
        query = _LATEST.format(columns=", ".join(COLUMNS), known=known)
        at = LATEST if known_at is None else nanoseconds(known_at)
        found = self._ask(query, {"tickers": symbols, "at": at})
        return found.astype({"session": "datetime64[ns]", **dict.fromkeys(_TEXTS, "str")})

    def stamps(self) -> dict[Ticker, Stamp]:
        """What of the lake is copied, whole, by ticker."""
        found = self._ask("SELECT ticker, stamp, revisions, digest FROM stamps FINAL", {})
        stored = found[found["stamp"] != ""]
        stamps = map(Stamp, stored["stamp"], stored["revisions"].map(int), stored["digest"])
        return dict(zip(map(Ticker, stored["ticker"]), stamps, strict=True))

    def prepare(self) -> None:
        """Make the tables if they are not there."""
        self._do(_TABLE.format(name="bars", columns=_BARS, key="ticker, session, ingested_at"))
        self._do(_TABLE.format(name="stamps", columns=_STAMPS, key="ticker"))

    def append(self, revisions: pd.DataFrame) -> None:
        """Add revisions; those that are there already stay as they are.

        Parameters
        ----------
        revisions : `BAR_COLUMNS` and `held`, in the order of the lake.
        """
        # Of two that were known at once, the lake shows the later: so does the last one written.
        latest = revisions.drop_duplicates(["ticker", "session", "ingested_at"], keep="last")
        columns = {name: pa.array(_plain(latest, name), _ARROW[name]) for name in COLUMNS}
        self._insert("bars", pa.table(columns))

    def mark(self, stamps: Mapping[Ticker, Stamp]) -> None:
        """Mark tickers as completely copied; to be called after their rows were written."""
        rows = [(ticker.symbol, *vars(stamp).values()) for ticker, stamp in stamps.items()]
        names = ("ticker", "stamp", "revisions", "digest")
        self._insert("stamps", pa.Table.from_pylist([dict(zip(names, row)) for row in rows]))

    def forget(self, tickers: Iterable[Ticker]) -> None:
        """Remove tickers; their stamps go first, so that none counts as copied meanwhile."""
        gone = list(tickers)
        if gone:
            self.mark({ticker: Stamp("", 0, "") for ticker in gone})
            query = "DELETE FROM bars WHERE ticker IN {tickers:Array(String)}"
            self._do(query, {"tickers": [ticker.symbol for ticker in gone]})

    def _ask(self, query: str, parameters: dict[str, Any]) -> pd.DataFrame:
        found: pa.Table = self._tell("query_arrow", query, parameters)
        return pd.DataFrame(found.to_pandas(date_as_object=False))

    def _do(self, query: str, parameters: dict[str, Any] | None = None) -> None:
        self._tell("command", query, parameters or {})

    def _insert(self, table: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._tell("insert_arrow", table, rows)

    def _tell(self, method: str, *arguments: Any) -> Any:
        address = str(self._address)
        try:
            return getattr(self._connected(), method)(*arguments)
        except (OperationalError, HTTPError, OSError) as error:
            self._client = None
            raise OfflineError(
                "clickhouse.no-answer",
                "ClickHouse at {address} does not answer.",
                {"address": address},
                parameter=SETTING,
            ) from error
        except ClickHouseError as error:
            self._client = None
            code = getattr(error, "code", None)
            if code == _AUTHENTICATION_FAILED:
                raise StorageError(
                    "clickhouse.not-let-in",
                    "ClickHouse at {address} does not let {user} in; see {setting}.",
                    {"address": address, "user": self._address.user, "setting": SETTING},
                    parameter=SETTING,
                ) from error
            raise StorageError(
                "clickhouse.refused",
                "ClickHouse at {address} refused what it was asked, code {error} ({name}).",
                {"address": address, "error": code, "name": getattr(error, "name", None)},
                parameter=SETTING,
            ) from error

    def _connected(self) -> HttpClient:
        if self._client is None:
            client = cast(
                HttpClient,
                clickhouse_connect.get_client(
                    interface=self._address.interface,
                    host=self._address.host,
                    port=self._address.port,
                    username=self._address.user,
                    password=self._address.password,
                    database=self._address.database,
                    connect_timeout=_CONNECT_SECONDS,
                    send_receive_timeout=self._timeout,
                    query_retries=0,
                    autogenerate_session_id=False,  # or threads could not share it
                ),
            )
            client.timeout = Timeout(connect=_CONNECT_SECONDS, read=_WORK_SECONDS)
            self._client = client
        return self._client


def stamped(stamp: str, revisions: pd.DataFrame) -> Stamp:
    """The stamp of revisions in the order of the lake; equal ones have equal digests."""
    digest = hashlib.sha256()
    for name in COLUMNS:
        values = _plain(revisions, name)
        digest.update("\n".join(values).encode() if name in _TEXTS else values.tobytes())
    return Stamp(stamp, len(revisions), digest.hexdigest())


def fits(revisions: pd.DataFrame) -> bool:
    """Whether every session is one that ClickHouse can hold."""
    return bool(revisions["session"].between(_FIRST, _LAST).all())


def _plain(revisions: pd.DataFrame, name: str) -> Any:
    """A column as Arrow takes it in, to the last bit: a NaN stays one and is not "missing"."""
    values = revisions[name]
    if name in _TEXTS:
        return values.tolist()
    if name == "session":
        return values.to_numpy().astype("datetime64[D]")
    if name == "ingested_at":
        return values.dt.tz_convert(None).to_numpy().astype("datetime64[ns]")
    return values.to_numpy("float64")
