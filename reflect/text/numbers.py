"""Numbers that a page sends as text."""

# Every number of nine digits fits into the 31 bits of PostgreSQL's integers; not every one of ten
# does. No school has a billion rows of anything.
MAX_ID_DIGITS = 9


def parse_id(text: str) -> int:
    """Return the id of a row that these digits write, or 0, which no row has."""
    return parse_natural(text, max_digits=MAX_ID_DIGITS) or 0


def parse_natural(text: str, *, max_digits: int) -> int | None:
    """Return the number that these ASCII digits write, or None for anything else or too many.

    `str.isdecimal` alone takes digits of every script, and a number without a bound overflows
    the database's integers.
    """
    if text.isascii() and text.isdecimal() and len(text) <= max_digits:
        return int(text)
    return None
