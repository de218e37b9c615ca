"""What a stored forecast is worth as a record, by the names the ledger keeps."""

from enum import StrEnum


class ForecastKind(StrEnum):
    """When a forecast was made, and on which bars."""

    LIVE = "live"  # in time, on a person's own bars
    FALLBACK = "fallback"  # as live, but the model did not make it, or not alone
    REPLAYED = "replayed"  # after the fact
    SAMPLE = "sample"  # on bars that are shipped with the program
