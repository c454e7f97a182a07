"""A form: a text with its fingerprint, kept for ever, so that a report already begun never changes."""

import hashlib
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect import places
from reflect.report import form_text
from reflect.report.grammar import FormText, look_back
from reflect.store import Base, ask, session


class Form(Base):
    """One version of a form; `slug` and `language` are shared by its versions, `sha256` is its own."""

    __tablename__ = "form"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str]
    language: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    added_at: Mapped[datetime]

    @property
    def parsed(self) -> FormText:
        return parsed(self.text, self.slug)


@lru_cache(maxsize=256)
def parsed(text: str, slug: str) -> FormText:
    """Give the form that this text says; `slug` is named in what is wrong with it. Raises FormErrors."""
    read = form_text.parse(text, source=slug)
    return replace(read, sections=(look_back(read.language), *read.sections))


def keep_form(text: str, *, slug: str, at: datetime) -> Form:
    """Keep this text as a form, or give the row that has it already. Raises FormErrors."""
    language = parsed(text, slug).language
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    known = session().scalar(sa.select(Form).where(Form.sha256 == sha256))
    if known:
        return known
    form = Form(slug=slug, language=language, sha256=sha256, text=text, added_at=at)
    session().add(form)
    session().flush()
    return form


def keep_library(at: datetime) -> dict[tuple[str, str], Form]:
    """Keep every form that comes with Reflect; give them by slug and language."""
    paths = sorted(places.FORMS.glob("*.md"))
    forms = (keep_form(path.read_text("utf-8"), slug=path.name.split(".")[0], at=at) for path in paths)
    return {(form.slug, form.language): form for form in forms}


_TEXTS = sa.select(Form.id, Form.text, Form.slug).where(
    Form.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer))
)


def forms(ids: set[int]) -> dict[int, FormText]:
    """Give the forms with these ids, parsed."""
    return {id: parsed(text, slug) for id, text, slug in ask(_TEXTS, {"ids": list(ids)})}
