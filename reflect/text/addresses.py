"""Mark addresses of pages and of mail, which are never divided by a hyphen on paper."""

import re

_TOP_LEVEL = "nl|be|de|eu|com|org|net|edu|info|io|school"
_ADDRESS = re.compile(
    # What holds no text of a person, or is drawn as a picture: as it is.
    r"(?P<other><(?P<opaque>title|style|script|formula|svg|math)\b.*?</(?P=opaque)>|<[^>]*>)"
    r"|(?:https?://|www\.)[^\s<>]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|\b[\w-]+(?:\.[\w-]+)*\.(?:{_TOP_LEVEL})\b(?:/[^\s<>]*)?",
    re.DOTALL,
)
ADDRESS_CLASS = "address-text"


def mark_addresses(html: str) -> str:
    """Return HTML in which each address in the text is a span of its own."""

    def mark(match: re.Match[str]) -> str:
        return match[0] if match["other"] else f'<span class="{ADDRESS_CLASS}">{match[0]}</span>'

    return _ADDRESS.sub(mark, html)
