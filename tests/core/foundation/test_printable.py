"""What others wrote is repeated as it is, unless it cannot be printed."""

import pytest

from core.foundation.printable import printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\uff11M", "\uff11M"),
        ("\u860b\u679c", "\u860b\u679c"),
        ("it's \\x00", "it's \\x00"),
        ("MS\nFT", "MS\ufffdFT"),
        ("a\x00b\u202ec\ud800", "a\ufffdb\ufffdc\ufffd"),
        ("a\u3000b\u00a0c", "a b c"),
        ("", ""),
        ("x" * 40, "x" * 40),
        ("x" * 41, "x" * 40 + "..."),
    ],
)
def test_what_prints_stays_and_what_does_not_is_marked(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert printable(text).isprintable() and printable(text).encode() is not None
