"""On screen: a booklet, or a text of it, as a browser shows it, in the order and words of the paper."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup

from reflect import passage, words
from reflect.paper.booklet import Booklet
from reflect.trust.seen import Remark

HEADS = ("h2", "h3", "h4")  # the page has its h1 on the cover


def booklet(of: Booklet, *, address: Callable[[int, str], str]) -> Markup:
    """Give a booklet as HTML; `address` says where a piece of evidence of a report is, by its key."""
    of = replace(of, design=replace(of.design, logo=None))  # it has its size in mm, and is for paper
    report_of = {key: seen.id for seen in of.reports for key in seen.pieces}
    with force_locale(of.language):
        template = current_app.jinja_env.get_template("paper/on_screen.html")
        made = template.render(
            booklet=of, heads=HEADS, paper=words.html, passages=passages,
            address=lambda key, _kind: address(report_of[key], key),
        )  # fmt: skip
    return Markup(made)  # noqa: S704 - our own template escaped it


def passages(text: str, language: str, remarks: Sequence[Remark]) -> Markup:
    """Give a text as HTML in which the words of these remarks are marked and numbered."""
    marks = [passage.Mark(*one.span, one.key, one.number) for one in remarks if one.span]
    parts = passage.on_screen(text, marks, language=language, name=_name)
    return Markup("").join(part.html for part in parts)


def _name(number: int) -> str:
    return gettext("remark %(number)d", number=number)
