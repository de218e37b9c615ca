"""The text of a file, whatever it was written with."""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from core.foundation.errors import SourceError

_NO_TEXT = set(range(32)) - set(b"\t\n\f\r\x1a")  # bytes that stand in no text
_GZIP, _ZIP, _OLD_EXCEL = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MAX_BYTES = 300 * 1024 * 1024  # unpacked
_LOOKED_AT = 64 * 1024
# What spreadsheets and exchanges write where it is not Unicode.
_ENCODINGS = ("cp950", "big5hkscs", "gb18030", "cp932", "cp949", "cp1252", "cp1250", "cp1251")


@dataclass(frozen=True)
class FileBytes:
    """A file that lies in no folder: what sentences call it, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True)
class FileText:
    """The text of a file and the encoding it was read by."""

    text: str
    encoding: str


def read_bytes(path: Path) -> bytes:
    """All bytes of a file.

    Raises
    ------
    SourceError : there is none, it cannot be read, or it is a device, which may never end.
    """
    if path.is_char_device():  # such as /dev/zero
        raise SourceError(
            "csv.device",
            "{file} is a device; a CSV file is wanted.",
            {"file": path},
            parameter="file",
        )
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise SourceError(
            "csv.no-file", "There is no file {file}.", {"file": path}, parameter="file"
        ) from None
    except OSError:
        raise _unreadable(path.name) from None


def text_of(name: str, content: bytes, known_words: Callable[[str], int]) -> FileText:
    """The text that bytes are, unpacked where they are gzip.

    Parameters
    ----------
    name : of the file, for errors.
    known_words : how many names of columns a text holds; of several encodings that fit, the one
        with the most is taken.

    Raises
    ------
    SourceError : the bytes are no text, or in no encoding known here.
    """
    plain = _unpacked(name, content)
    if plain.startswith((_ZIP, _OLD_EXCEL)):
        raise SourceError(
            "csv.workbook",
            "{file} is a spreadsheet's own file; save it as CSV UTF-8.",
            {"file": name},
            parameter="file",
        )
    wide = _wide(plain)
    if not wide and not _NO_TEXT.isdisjoint(plain):
        raise SourceError(
            "csv.no-text",
            "{file} is no text file; a CSV file is text.",
            {"file": name},
            parameter="file",
        )
    for encoding in filter(None, (wide, "utf-8-sig")):
        try:
            return FileText(plain.decode(encoding).rstrip("\x1a"), encoding.removesuffix("-sig"))
        except UnicodeDecodeError:
            continue
    found = _guessed(plain, known_words)
    if found is None:
        raise SourceError(
            "csv.bad-encoding",
            "{file} is not UTF-8 text; save it as CSV UTF-8.",
            {"file": name},
            parameter="file",
        )
    return found


def _unpacked(name: str, content: bytes) -> bytes:
    if not content.startswith(_GZIP) and not name.endswith(".gz"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            plain = packed.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise _unreadable(name) from None
    if len(plain) > _MAX_BYTES:
        raise SourceError(
            "csv.too-large",
            "{file} holds more than {most} MB unpacked.",
            {"file": name, "most": _MAX_BYTES // 1024**2},
            parameter="file",
        )
    return plain


def _wide(plain: bytes) -> str:
    """UTF-16 by its mark, or by the zeros that every second byte then is; else empty."""
    if plain.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = plain[:_LOOKED_AT]
    halves = {"utf-16-be": start[0::2], "utf-16-le": start[1::2]}
    for encoding, half in halves.items():
        if half and half.count(0) > len(half) // 2 and start.count(0) < len(start) * 0.6:
            return encoding
    return ""


def _guessed(plain: bytes, known_words: Callable[[str], int]) -> FileText | None:
    """As which of the usual encodings it reads best: by the words known, then as text."""
    # What a table says in words stands at its top; the rest are figures in any encoding.
    start = plain[:_LOOKED_AT]
    start = start[: start.rfind(b"\n") + 1] or start
    likely = [one.encoding for one in from_bytes(start, cp_isolation=list(_ENCODINGS))]
    ranked = sorted(
        dict.fromkeys([*likely, *_ENCODINGS]),
        key=lambda encoding: -known_words(start.decode(encoding, "ignore")),
    )
    for encoding in ranked:
        try:
            return FileText(plain.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    return None


def _unreadable(name: str) -> SourceError:
    return SourceError(
        "csv.unreadable", "{file} cannot be read as CSV.", {"file": name}, parameter="file"
    )
