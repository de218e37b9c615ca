"""Bytes as text: what is none is said in one sentence."""

import pytest

from core.foundation.errors import SourceError
from core.market_data.sources.tables.text import text_of


def test_a_workbook_is_named() -> None:
    with pytest.raises(SourceError, match="^a.csv is a spreadsheet's own file; save it as CSV"):
        text_of("a.csv", b"PK\x03\x04" + bytes(100), len)


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "cp932", "cp1252"])
def test_of_several_encodings_the_one_with_known_words_is_taken(encoding: str) -> None:
    words = {"big5": "收盤價", "gb18030": "收盘价", "cp932": "終値", "cp1252": "Eröffnung"}
    word = words[encoding]
    found = text_of("a.csv", f"x,{word}\n1,2\n".encode(encoding), lambda text: text.count(word))
    assert found.text == f"x,{word}\n1,2\n"
