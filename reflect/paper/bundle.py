"""A bundle: what is on the pages of one student or of a whole group."""

import base64
import io
import logging
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup

from reflect import passage, words
from reflect.paper import press
from reflect.trust.seen import Remark, Seen, Who
from reflect.vault import vault

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Booklet:
    """One student's pages for the talk: `reports` may be printed, `waiting` names the subjects still to come."""

    student: Who
    group: str
    round: str
    school: str
    talk_on: date | None
    at_table: tuple[str, ...]
    language: str
    reports: tuple[Seen, ...]
    waiting: tuple[str, ...] = ()


def pages(booklet: Booklet) -> str:
    """Give the booklet as HTML. To be called inside an app context."""
    with force_locale(booklet.language):
        template = current_app.jinja_env.get_template("paper/booklet.html")  # no request: commands print too
        return template.render(booklet=booklet, paper=words.paper, passages=_passages, picture=_picture)


def _passages(text: str, language: str, remarks: Sequence[Remark]) -> Markup:
    marks = [passage.Mark(*one.span, one.key, one.number) for one in remarks if one.span]
    return passage.on_paper(
        text, marks, language=language, name=lambda number: gettext("remark %(number)d", number=number)
    )


def _picture(key: str) -> str:
    """Give a photo, at print size, as an address that holds it; empty when the vault does not have it."""
    kept = vault(current_app.extensions["reflect"].evidence)
    try:
        return f"data:image/jpeg;base64,{base64.b64encode(kept.get(f'{key}.print.jpg')).decode()}"
    except FileNotFoundError:
        log.warning("a picture is missing", extra={"reference": key[:6]})
        return ""


def one(booklet: Booklet, *, seconds: int) -> bytes:
    """Print one booklet. Raises PrintFailed."""
    return press.joined([pages(booklet)], seconds=seconds)


def each(booklets: Sequence[Booklet], *, seconds: int) -> list[bytes]:
    """Print each booklet into a PDF of its own. Raises PrintFailed."""
    return press.apart([pages(booklet) for booklet in booklets], seconds=seconds)


def merged(booklets: Sequence[Booklet], *, seconds: int) -> bytes:
    """Print all booklets into one PDF for the printer: each begins on an odd page. Raises PrintFailed."""
    return press.joined([pages(booklet) for booklet in booklets], seconds=seconds)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Put files, by name, into a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as into:
        for name, content in files.items():
            into.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def file_names(booklets: Sequence[Booklet]) -> list[str]:
    """Give each booklet a file name of its own, such as 2b-noor-el-amrani.pdf."""
    names = [f"{safe(booklet.group)}-{safe(booklet.student.name)}" for booklet in booklets]
    return [
        f"{name}.pdf" if names.count(name) == 1 else f"{name}-{booklet.student.id}.pdf"
        for name, booklet in zip(names, booklets, strict=True)
    ]  # fmt: skip


def safe(name: str) -> str:
    """Give a name that every file system takes."""
    letters = unicodedata.normalize("NFKD", name.replace("\u0131", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.casefold()).strip("-") or "x"
