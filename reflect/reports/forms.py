"""Form texts in the database: each version is kept, so that a report begun with it never changes.

The form texts that come with Reflect are in the folder `forms/`; a wheel has it as `reflect/forms`.
"""

import hashlib
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from reflect import paths
from reflect.bounds.byte_cache import byte_cached
from reflect.db.base import Base
from reflect.db.session import execute, session
from reflect.reports import form_parser
from reflect.reports.form_schema import FormSchema, look_back_section


class Form(Base):
    """One version of a form: versions share `slug` and `language`, each has its own `sha256`."""

    __tablename__ = "form"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str]
    language: Mapped[str]
    sha256: Mapped[str] = mapped_column(unique=True)
    text: Mapped[str]
    added_at: Mapped[datetime]

    @property
    def schema(self) -> FormSchema:
        return parse_cached(self.text, self.slug)


# A stored form text never changes, so what was parsed from it can be kept.
@byte_cached(max_bytes=4_000_000)
def parse_cached(text: str, slug: str) -> FormSchema:
    """Return the form that this text describes, with the look back as its first section.

    Raises InvalidForm, which names the form `slug`.
    """
    schema = form_parser.parse(text, source=slug)
    return replace(schema, sections=(look_back_section(schema.language), *schema.sections))


def save_form(text: str, *, slug: str, at: datetime) -> Form:
    """Save this text as a form, or return the row that has it already. Raises InvalidForm."""
    language = parse_cached(text, slug).language
    # The same text is stored once. Another text is another row, since a report keeps the form with
    # which it was begun (decision 2).
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    existing = session().scalar(sa.select(Form).where(Form.sha256 == sha256))
    if existing:
        return existing
    form = Form(slug=slug, language=language, sha256=sha256, text=text, added_at=at)
    session().add(form)
    session().flush()
    return form


def save_form_library(at: datetime) -> dict[tuple[str, str], Form]:
    """Save every form that comes with Reflect, and return them by slug and language."""
    saved_forms = {}
    for path in sorted(paths.FORMS.glob("*.md")):
        form = save_form(path.read_text("utf-8"), slug=path.name.split(".")[0], at=at)
        saved_forms[form.slug, form.language] = form
    return saved_forms


_TEXTS_SQL = sa.select(Form.id, Form.text, Form.slug).where(
    Form.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Integer))
)


def forms_by_id(form_ids: set[int]) -> dict[int, FormSchema]:
    """Return the forms with these ids."""
    rows = execute(_TEXTS_SQL, {"ids": list(form_ids)})
    return {form_id: parse_cached(text, slug) for form_id, text, slug in rows}
