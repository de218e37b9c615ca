"""Where the lake lies, from its address: a folder, or a bucket of S3."""

from collections.abc import Callable
from pathlib import Path

from core.foundation.caches.edition import Edition, NoEdition
from core.foundation.errors import InvalidInputError
from core.foundation.settings import Settings
from core.market_data.lake.objects import Objects


def open_place(url: str, settings: Callable[[], Settings]) -> Path | Objects:
    """The place of an address.

    Parameters
    ----------
    url : a folder path, file:// address or s3://bucket/prefix.
    settings : gives the keys of S3; asked only for a bucket.

    Raises
    ------
    InvalidInputError : the address is of no such kind.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "s3":
        return _bucket(rest, settings())
    if separator and scheme != "file":
        raise InvalidInputError(
            "bars.bad-scheme",
            "Bars cannot be stored at {scheme}://; name a folder or s3://bucket/prefix.",
            {"scheme": scheme},
            parameter="url",
        )
    return Path(rest if separator else url)


def _bucket(place: str, settings: Settings) -> Objects:
    from core.market_data.lake.s3_objects import (  # nearly a second, for those who use it
        Bucket,
        Credentials,
    )

    edition: Edition = NoEdition()
    if settings.cache_url:
        from core.foundation.caches.redis_edition import RedisEdition

        edition = RedisEdition(settings.cache_url, f"s3://{place}")
    bucket, _, prefix = place.partition("/")
    if not bucket:
        raise InvalidInputError(
            "bars.no-bucket", "s3:// names no bucket; write s3://bucket/prefix.", parameter="url"
        )
    keys = (settings.s3_key, settings.s3_secret, settings.s3_region)
    return Bucket(bucket, prefix, Credentials(settings.s3_url, *keys), edition)
