"""What a preview says, as lines to read."""

from typing import Any

_SHOWN_NOTES = 5


def understood(preview: dict[str, Any]) -> str:
    """How each file and column was read, the first and last rows, and what would be asked.

    `preview` is what `core.workflows.bars.preview.preview` gives, with how each ticker that
    was named was read as `read_as`.
    """
    lines: list[str] = list(preview.get("read_as", ()))
    for file in preview["files"]:
        lines.append(
            f"{file['file']}: {file['encoding']}, cells between {file['separator']!r}, header in "
            f"row {file['header_row']}, dates {file['dates']}, {file['rows']:,} rows, "
            f"{file['halted']:,} without trading"
        )
        lines += [
            f"  {one['column']} -> {one['read_as'] or 'nothing'}"
            for one in file["columns"]
            if one["column"]  # exchanges end each line with a separator
        ]
        shown = file["passed_over"][:_SHOWN_NOTES]
        lines += [f"  row {one['row']} is no bar: {one['text']}" for one in shown]
        more = len(file["passed_over"]) - len(shown)
        lines += [f"  and {more:,} rows more that are no bars"] if more else []
        lines += [f"  {note}" for note in file["notes"]]
    for ticker, found in preview["tickers"].items():
        lines.append(
            f"{ticker}: {found['bars']:,} bars, {found['new']:,} new, {found['corrected']:,} "
            f"corrected, {found['held_back']:,} held back"
        )
        lines += ["  " + "  ".join(row) for row in found["first"][:1]]
        lines += ["  " + "  ".join(map(str, row.values())) for row in found["first"]]
        lines += ["  ..."]
        lines += ["  " + "  ".join(map(str, row.values())) for row in found["last"]]
        lines += [f"  asked: {question}" for question in found["asks"]]
    lines += [f"{sentence}" for sentence in preview.get("failed", {}).values()]
    return "\n".join([*lines, "Nothing was stored."])
