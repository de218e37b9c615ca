"""What is taken of the price files that a person sends to a page."""

from collections.abc import Sequence

from app.web.guards import MAX_UPLOAD_BYTES
from core.foundation.errors import InvalidInputError
from core.foundation.printable import printable
from core.market_data.ingest import WantedBars
from core.market_data.sources.tables.options import TableOptions
from core.market_data.sources.tables.text import FileBytes
from core.reference.bar_sources import BarSource
from core.reference.tickers import Ticker

ENDINGS = (".csv", ".txt", ".tsv")
_PACKED = b"\x1f\x8b"  # gzip, of which 10 MB may hold a hundred times as much
_NAME_CHARACTERS = 60


def wanted_bars(
    files: Sequence[FileBytes], ticker: Ticker | None, table: TableOptions
) -> WantedBars:
    """What an ingest of these files is asked for; their names are shown and open nothing.

    Raises
    ------
    InvalidInputError : they are larger than `MAX_UPLOAD_BYTES` together, or one is no text table.
    """
    size = sum(len(one.content) for one in files)
    if size > MAX_UPLOAD_BYTES:
        raise InvalidInputError(
            "upload.too-large",
            "The files have {size:.1f} MB together; at most {most} MB are read at once.",
            {"size": size / 1024**2, "most": MAX_UPLOAD_BYTES // 1024**2},
            parameter="file",
        )
    named = [FileBytes(printable(one.name, _NAME_CHARACTERS), one.content) for one in files]
    for before, after in zip(files, named, strict=True):
        if not before.name.lower().endswith(ENDINGS):
            raise InvalidInputError(
                "upload.other-kind",
                "{file} is not read here; files that end in .csv, .txt or .tsv are.",
                {"file": after.name},
                parameter="file",
            )
        if before.content.startswith(_PACKED):
            raise InvalidInputError(
                "upload.packed",
                "{file} is packed; unpack it first.",
                {"file": after.name},
                parameter="file",
            )
    tickers = None if ticker is None else [ticker]
    return WantedBars(tickers, BarSource.CSV, tuple(named), table=table)
