"""A bundle: what is on the pages of one student or of a whole group."""

import io
import logging
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup

from reflect import passage, words
from reflect.paper import kept, press, sheet
from reflect.paper.binding import Binding
from reflect.paper.booklet import Booklet, Shape
from reflect.paper.kept import Drawer
from reflect.paper.manuscript import Limits, Manuscript, Use
from reflect.refusal import PrintFailed
from reflect.settings import Settings
from reflect.trust.seen import Kind, Remark
from reflect.vault import vault

log = logging.getLogger(__name__)

_NUMBERED = re.compile(r'<li((?: id="[^"]*")?) value="(\d{1,9})">')
_ENDS = dict.fromkeys((0x85, 0x2028, 0x2029), "\n")


def manuscript(booklet: Booklet, *, use: Use = Use.PRINT) -> Manuscript:
    """Give the booklet as the press takes it, with its photos at print size. To be called inside an app context."""
    return _sheet(booklet, use) if booklet.shape is Shape.SHEET else _whole(booklet, use)


def _whole(booklet: Booklet, use: Use) -> Manuscript:
    pictures = booklet.design.pictures

    def address(key: str, kind: Kind) -> str:
        if kind is not Kind.PICTURE:
            return ""  # paper neither sounds nor opens
        if key not in pictures and sum(map(len, pictures.values())) <= _limits().bytes_in:
            pictures[key] = _picture(key)
        return f"picture:{key}" if pictures.get(key) else ""

    with force_locale(booklet.language):
        template = current_app.jinja_env.get_template("paper/booklet.html")  # no request: commands print too
        html = template.render(booklet=booklet, paper=words.for_press, passages=_passages, address=address)
    return Manuscript(_numbered(without_ends(html)), pictures, use)


def _sheet(booklet: Booklet, use: Use) -> Manuscript:
    """Give the choice that comes on one sheet: with as many words as there may be, and with ever fewer."""
    with force_locale(booklet.language):
        template = current_app.jinja_env.get_template("paper/sheet.html")
        given = {"booklet": booklet, "paper": words.for_press, "subjects": sheet.subjects(booklet),
                 "measure": sheet.measure(booklet).name}  # fmt: skip
        first, *shorter = [without_ends(template.render(given, parts=parts)) for parts in sheet.choices(booklet)]
    return Manuscript(first, booklet.design.pictures, use, tuple(shorter), sheet.PAGES)


def _passages(text: str, language: str, remarks: Sequence[Remark]) -> Markup:
    marks = [passage.Mark(*one.span, one.key, one.number) for one in remarks if one.span]
    return passage.for_press(
        text, marks, language=language, name=lambda number: gettext("remark %(number)d", number=number)
    )


def without_ends(html: str) -> str:
    """Give HTML in which every sign that ends a line or a paragraph is a plain line end: the engine stops at others."""
    return html.translate(_ENDS)


def _numbered(html: str) -> str:
    """Give HTML in which each item that has a number of its own says it in CSS: the engine does not hear `value`."""
    return _NUMBERED.sub(r'<li\1 style="counter-reset:list-item \2;counter-increment:none">', html)


def _picture(key: str) -> bytes:
    """Give a photo at print size; empty when the vault does not have it."""
    try:
        return vault(_house().evidence).get(f"{key}.print.jpg")
    except FileNotFoundError:
        log.warning("a picture is missing", extra={"reference": key[:6]})
        return b""


def _house() -> Settings:
    house: Settings = current_app.extensions["reflect"]
    return house


def _limits() -> Limits:
    house = _house()
    return Limits(
        seconds=house.print_student_seconds, memory=house.print_student_memory_mb * 1024**2,
        bytes_in=house.print_student_mb * 1024**2,
    )  # fmt: skip


def drawer() -> Drawer:
    """Give the drawer of this house with finished pages."""
    house = _house()
    return Drawer(house.data / "printed", house.print_kept_mb, house.print_kept_days)


def one(booklet: Booklet, *, seconds: float, use: Use = Use.PRINT) -> bytes:
    """Print one booklet. Raises PrintFailed with the student's name."""
    return each([booklet], seconds=seconds, use=use)[0]


def each(booklets: Sequence[Booklet], *, seconds: float, use: Use = Use.PRINT) -> list[bytes]:
    """Print each booklet into a PDF of its own. Raises PrintFailed with the name of the first student without pages."""
    return [_or_raise(made) for _, made in tried(booklets, seconds=seconds, use=use)]


def merged(booklets: Sequence[Booklet], *, seconds: float, use: Use = Use.PRINT) -> bytes:
    """Print all booklets into one PDF for the printer: each begins on an odd page. Raises PrintFailed."""
    into = io.BytesIO()
    made = ((booklet, _or_raise(pdf)) for booklet, pdf in tried(booklets, seconds=seconds, use=use))
    bind(made, into=into, use=use)
    return into.getvalue()


def tried(
    booklets: Sequence[Booklet], *, seconds: float, use: Use = Use.PRINT
) -> Iterator[tuple[Booklet, bytes | PrintFailed]]:
    """Print each booklet in order, as it is asked for; whose pages fail comes with the reason, and the rest goes on."""
    lying, keys = drawer(), [key(booklet, use=use) for booklet in booklets]
    here = [lying.holds(name, student_id=of.student.id) for of, name in zip(booklets, keys, strict=True)]
    missing = (manuscript(booklet, use=use) for booklet, is_here in zip(booklets, here, strict=True) if not is_here)
    coming: Iterator[bytes | PrintFailed] = press.printed(missing, seconds=seconds, limits=_limits())
    for booklet, name, is_here in zip(booklets, keys, here, strict=True):
        if is_here and (found := lying.find(name, student_id=booklet.student.id)):
            yield booklet, found
            continue
        if is_here:  # it has gone, or is not whole any more
            coming = chain(press.printed([manuscript(booklet, use=use)], seconds=seconds, limits=_limits()), coming)
        made = next(coming)
        if isinstance(made, bytes):
            lying.put(made, key=name, student_id=booklet.student.id)
        yield booklet, _named(made, booklet)


def key(booklet: Booklet, *, use: Use) -> str:
    """Give the name under which the pages of this booklet are kept: the same only for the very same pages."""
    return kept.key(booklet, use, _house().timezone)


def bind(made: Iterable[tuple[Booklet, bytes]], *, into: BinaryIO, use: Use = Use.PRINT) -> None:
    """Bind finished booklets into one PDF, as they come; each begins on an odd page."""
    binding = None
    for booklet, pdf in made:
        title = f"{booklet.group}, {booklet.round}"
        binding = binding or Binding(into, title=title, author=booklet.school, language=booklet.language, use=use)
        binding.add(pdf, name=booklet.student.name)
    if binding:
        binding.close()


def _named(made: bytes | PrintFailed, booklet: Booklet) -> bytes | PrintFailed:
    return type(made)(student=booklet.student.name) if isinstance(made, PrintFailed) else made


def _or_raise(made: bytes | PrintFailed) -> bytes:
    if isinstance(made, PrintFailed):
        raise made
    return made


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Put files, by name, into a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as into:
        for name, content in files.items():
            into.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def file_names(booklets: Sequence[Booklet]) -> list[str]:
    """Give each booklet a file name of its own, such as 2b-noor-el-amrani.pdf."""
    names = [f"{safe(one.group)}-{safe(one.student.name)}{ending(one.shape)}" for one in booklets]
    return [
        f"{name}.pdf" if names.count(name) == 1 else f"{name}-{booklet.student.id}.pdf"
        for name, booklet in zip(names, booklets, strict=True)
    ]  # fmt: skip


def ending(shape: Shape) -> str:
    """Give what a file name ends with, so that a sheet and a booklet can lie side by side."""
    with force_locale(_house().language):
        name = gettext("one sheet")
    return f"-{safe(name)}" if shape is Shape.SHEET else ""


def safe(name: str) -> str:
    """Give a name that every file system takes."""
    letters = unicodedata.normalize("NFKD", name.replace("\u0131", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.casefold()).strip("-") or "x"
