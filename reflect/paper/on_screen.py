"""On screen: texts as a browser shows them, with the words of remarks marked; also where there is no Reflect."""

from collections.abc import Sequence

from flask_babel import gettext
from markupsafe import Markup

from reflect import passage
from reflect.trust.seen import Remark


def passages(text: str, language: str, remarks: Sequence[Remark]) -> Markup:
    """Give a text as HTML in which the words of these remarks are marked and numbered."""
    marks = [passage.Mark(*one.span, one.key, one.number) for one in remarks if one.span]
    parts = passage.on_screen(text, marks, language=language, name=_name)
    return Markup("").join(part.html for part in parts)


def _name(number: int) -> str:
    return gettext("remark %(number)d", number=number)
