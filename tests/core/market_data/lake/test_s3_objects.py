"""What holds of bars on S3 alone: how it is reached, and what is said when it is not."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.foundation.errors import InvalidInputError, StorageError
from core.market_data.lake.s3_objects import Bucket, Credentials
from core.reference.tickers import Ticker
from tests.support.homes import closes
from tests.support.places import Place
from tests.support.ports import free_port
from tests.support.s3_server import BUCKET, S3Server

AAPL = Ticker.parse("AAPL")
DOWN = {"s3_key": "a", "s3_secret": "b", "bars_url": f"s3://{BUCKET}/bars"}


def test_two_prefixes_know_nothing_of_each_other(s3: S3Server) -> None:
    one = s3.settings()
    below = one | {"bars_url": one["bars_url"] + "/deeper/"}
    lakes = [Place(**one).open(), Place(**below).open()]
    lakes[0].upsert(closes("AAPL", [1.0]))
    lakes[1].upsert(closes("IBM", [1.0]))
    assert [lake.tickers() for lake in lakes] == [[AAPL], [Ticker.parse("IBM")]]


def test_a_change_is_made_again_on_what_another_writer_left(s3: S3Server) -> None:
    mine, theirs = Place(**s3.settings()), []
    other = Place(**mine.settings).objects

    def change(content: bytes | None) -> bytes:
        theirs.append(content)
        if len(theirs) == 1:
            other.update("a", lambda _: b"theirs")
        if len(theirs) == 2:
            other.remove("a")
        return (content or b"") + b" and mine"

    mine.objects.update("a", change)
    assert theirs == [None, b"theirs", None] and other.read("a") == b" and mine"


def refused(place: Place) -> Iterator[str]:
    """What each use says of a server that does not do it."""
    lake = place.open()
    for use in (
        lake.tickers,
        lake.stamp,
        lake.load,
        lake.damaged,
        lambda: lake.load(["AAPL", "IBM"]),
        lambda: lake.latest(AAPL),
        lambda: lake.upsert(closes("AAPL", [1.0])),
        lambda: lake.remove(AAPL),
    ):
        with pytest.raises(StorageError) as error:
            use()  # type: ignore[operator]
        yield error.value.message


def test_a_server_that_is_down_is_one_sentence() -> None:
    place = Place(s3_url=f"http://127.0.0.1:{free_port()}", **DOWN)
    sentence = set(refused(place))
    assert len(sentence) > 1 and all(
        one.startswith(f"s3://{BUCKET}/bars cannot be reached: Could not connect")
        for one in sentence
    )


def test_wrong_keys_are_one_sentence(s3: S3Server) -> None:
    place = Place(**s3.settings() | {"s3_secret": "not this one"})
    url = place.settings["bars_url"]
    assert set(refused(place)) == {f"{url} cannot be used: the server refuses the keys."}


def test_a_bucket_that_is_not_there_is_one_sentence(s3: S3Server) -> None:
    lake = Place(**s3.settings() | {"bars_url": "s3://nowhere/bars"}).open()
    with pytest.raises(StorageError, match="^s3://nowhere/bars cannot be used: there is no such"):
        lake.load()


@pytest.mark.parametrize("address", ["nonsense", "127.0.0.1:9000", "http://"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InvalidInputError, match=f'^"{address}" is no address of an S3 server'):
        Place(s3_url=address, **DOWN).open()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("s3://", "^s3:// names no bucket; write s3://bucket/prefix.$"),
        ("gs://a/b", "^Bars cannot be stored at gs://; name a folder or s3://bucket/prefix.$"),
    ],
)
def test_an_address_of_no_bars_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        Place(bars_url=url).open()


def test_the_secret_is_not_shown() -> None:
    assert "sesame" not in repr(Credentials("http://127.0.0.1:1", "key", "sesame"))


class Blind(BaseHTTPRequestHandler):
    """Stores nothing, refuses nothing: as a server that knows no conditions answers a write."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        body = b"<Error><Code>NoSuchKey</Code></Error>"
        self.send_response(404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Blind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_a_server_that_keeps_no_conditions_is_not_written_to() -> None:
    with served() as address:
        bucket = Bucket(BUCKET, "", Credentials(address, "a", "b"))
        with pytest.raises(StorageError, match="a server that ignores If-None-Match"):
            bucket.update("a", lambda _: b"new")
