"""What somebody else wrote, made fit to stand in a sentence of ours."""

_CUT = "..."


def printable(text: str, most: int = 40) -> str:
    """The first characters of a text, each that prints as it is.

    Parameters
    ----------
    text : as it was given. A kind of space becomes a space; what does not print, such as a line's
        end, a control character or one that turns the direction of writing, becomes a mark.
    most : characters that are kept; three dots say that there were more.
    """
    shown = "".join(
        one if one.isprintable() else " " if _is_space(one) else "\N{REPLACEMENT CHARACTER}"
        for one in text[:most]
    )
    return shown + (_CUT if len(text) > most else "")


def _is_space(one: str) -> bool:
    return one.isspace() and one not in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
