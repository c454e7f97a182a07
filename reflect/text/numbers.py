"""Numbers that a page sends as text."""


def parse_natural(text: str, *, max_digits: int) -> int | None:
    """Return the number that these ASCII digits write, or None for anything else or too many.

    `str.isdecimal` alone takes digits of every script, and a number without a bound overflows
    the database's integers.
    """
    if text.isascii() and text.isdecimal() and len(text) <= max_digits:
        return int(text)
    return None
