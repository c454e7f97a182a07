"""Print at once, while whoever asked waits, and nobody else does."""

from collections.abc import Callable
from typing import TypeVar

from reflect.db.session import no_transaction, rollback
from reflect.errors import NothingToPrint
from reflect.printing.booklet import Booklet
from reflect.printing.branding import active

_T = TypeVar("_T")


def print_booklets(
    load: Callable[[], list[Booklet]], *, render: Callable[[list[Booklet]], _T]
) -> tuple[list[Booklet], _T]:
    """Return the booklets that `load` gives, and what `render` makes of them.

    No transaction is open while the branding is validated and the pages are rendered. `load` is
    called once more after that: pages of a report that whoever asked may not print any more are
    thrown away. The caller logs that the pages are handed over. Raises NothingToPrint, and what
    the two raise.
    """
    with no_transaction():
        active.prepare()
    booklets = load()
    while booklets:
        # Nobody has any pages yet, so nothing was read.
        rollback()
        with no_transaction():
            rendered = render(booklets)
        still_printable = load()
        if _report_ids(booklets) <= _report_ids(still_printable):
            return booklets, rendered
        # Each time there are fewer, so this ends.
        booklets = still_printable
    raise NothingToPrint


def _report_ids(booklets: list[Booklet]) -> set[int]:
    return {report.id for booklet in booklets for report in booklet.reports}
