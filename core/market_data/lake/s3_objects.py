"""Named objects in a bucket of Amazon S3, or of a server that speaks as it does."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.foundation.caches.edition import Edition, NoEdition
from core.foundation.errors import InvalidInputError, StorageError
from core.foundation.messages import Message
from core.market_data.lake.objects import Change

# One retry and a few seconds in all, so that a page does not wait for a dead server.
_CONFIG = {
    "connect_timeout": 2,
    "read_timeout": 5,
    "retries": {"mode": "standard", "total_max_attempts": 2},
    "max_pool_connections": 16,
}
_TRIES = 100  # of one update; whenever one fails, another writer's succeeded
_LOST_RACE = (409, 412)


@dataclass(frozen=True)
class Credentials:
    """How to reach a server. What is empty is left to the AWS client's own settings.

    `endpoint` is a URL, Amazon's own if empty; `key` and `secret` are the access key's two parts.
    """

    endpoint: str = ""
    key: str = ""
    secret: str = field(default="", repr=False)
    region: str = ""


class Bucket:
    """The objects directly under a prefix of a bucket.

    Parameters
    ----------
    edition : kept where all who write there reach it.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        credentials: Credentials,
        edition: Edition = NoEdition(),
    ) -> None:
        self.edition = edition
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._conditional = False
        with self._reaching():
            self._client = _client(credentials)

    def __str__(self) -> str:
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def versions(self) -> dict[str, str]:
        """Every object with its ETag and time."""
        with self._reaching():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix, Delimiter="/"
            )
            return {
                one["Key"].removeprefix(self._prefix): _version(one)
                for page in pages
                for one in page.get("Contents", ())
                if not one["Key"].startswith(f"{self._prefix}.")
            }

    def version(self, name: str) -> str | None:
        """As `versions` has it for one object; None if there is none."""
        with self._reaching():
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=self._prefix + name)
                return _version(found)
            except ClientError as error:
                if _status(error) == HTTPStatus.NOT_FOUND:
                    return None
                raise

    def read(self, name: str) -> bytes | None:
        """The bytes of an object; None if there is none."""
        return self._read(name)[0]

    def update(self, name: str, change: Change) -> None:
        """Replace an object if it is still the one that was read, else begin again."""
        for _ in range(_TRIES):
            content, etag = self._read(name)
            new = change(content)
            if new is None:
                return
            self._refuse_blind_server()
            with self._changing(name):
                if self._written(name, new, {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}):
                    return
        raise StorageError(
            "bucket.busy",
            "{bucket} is written by too many at once; try again later.",
            {"bucket": str(self)},
        )

    def remove(self, name: str) -> None:
        """Delete an object; a writer who read it before begins again without it."""
        with self._reaching(), self._changing(name):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)

    def _read(self, name: str) -> tuple[bytes | None, str]:
        with self._reaching():
            try:
                found = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
                return found["Body"].read(), found["ETag"]
            except ClientError as error:
                if error.response["Error"]["Code"] == "NoSuchKey":
                    return None, ""
                raise

    def _written(self, name: str, content: bytes, condition: dict[str, str]) -> bool:
        """Whether the object was written; False if another writer was quicker."""
        with self._reaching():
            try:
                key = self._prefix + name
                self._client.put_object(Bucket=self._bucket, Key=key, Body=content, **condition)
                return True
            except ClientError as error:
                # An object that was deleted meanwhile is a lost race too.
                gone = "IfMatch" in condition and error.response["Error"]["Code"] == "NoSuchKey"
                if gone or _status(error) in _LOST_RACE:
                    return False
                raise

    def _refuse_blind_server(self) -> None:
        """Check once that the server keeps conditional writes; without them rows would be lost."""
        if self._conditional:
            return
        once = {"IfNoneMatch": "*"}
        # Written now or some time ago, the second time it must be refused.
        if self._written(".once", b"", once) and self._written(".once", b"", once):
            raise StorageError(
                "bucket.blind-server",
                "{bucket} lies on a server that ignores If-None-Match, on which two writers "
                "would lose bars; use Amazon S3, MinIO or another that keeps to it.",
                {"bucket": str(self)},
            )
        self._conditional = True

    def _changing(self, name: str) -> AbstractContextManager[None]:
        return nullcontext() if name.startswith(".") else self.edition.changing()

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            raise StorageError.of(_refusal(str(self), error), "bars_url") from error
        except BotoCoreError as error:
            raise StorageError(
                "bucket.not-reached",
                "{bucket} cannot be reached: {reason}",
                {"bucket": str(self), "reason": _sentence(error)},
                parameter="bars_url",
            ) from error


@lru_cache(maxsize=4)  # a fifth of a second each, and safe for threads
def _client(credentials: Credentials) -> Any:
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=credentials.endpoint or None,
            aws_access_key_id=credentials.key or None,
            aws_secret_access_key=credentials.secret or None,
            region_name=credentials.region or None,
            config=Config(**_CONFIG),
        )
    except ValueError as error:
        raise InvalidInputError(
            "bucket.bad-address",
            '"{endpoint}" is no address of an S3 server; it should look like '
            "http://127.0.0.1:9000.",
            {"endpoint": credentials.endpoint},
            parameter="s3_url",
        ) from error


def _refusal(bucket: str, error: ClientError) -> Message:
    """Why a server does not let a bucket be used."""
    place, status = {"bucket": bucket}, _status(error)
    if status == HTTPStatus.FORBIDDEN:
        return Message(
            "bucket.keys-refused", "{bucket} cannot be used: the server refuses the keys.", place
        )
    if status == HTTPStatus.NOT_FOUND:
        return Message("bucket.absent", "{bucket} cannot be used: there is no such bucket.", place)
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        return Message(
            "bucket.full",
            "{bucket} cannot be used: no space left on the disk that holds it.",
            place,
        )
    code = error.response.get("Error", {}).get("Code")
    if not code:
        return Message(
            "bucket.refused-silently", "{bucket} cannot be used: no reason given.", place
        )
    return Message(
        "bucket.refused", "{bucket} cannot be used: {reason}.", {**place, "reason": str(code)}
    )


def _version(facts: Any) -> str:
    # A listing may tell the time more finely than the answer about one object does.
    return f"{facts['ETag']} {facts['LastModified'].timestamp():.0f}"


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _sentence(error: BotoCoreError) -> str:
    return str(error).rstrip(".") + "."
