"""Mark right-to-left text (Arabic, Hebrew) in HTML, and isolate names in other text."""

import re

_RTL_RANGES = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_RTL_CHAR = re.compile(f"[{_RTL_RANGES}]")
_STRONG_CHAR = re.compile(rf"[{_RTL_RANGES}]|[^\W\d_]")
_TOKEN = re.compile(
    r"<(?P<block>p|ul|ol|blockquote|pre|table|td|th)\b[^>]*>|<[^>]*>|&#?\w+;|(?P<words>[^<&]+)|."
)
_ISOLATE_TEMPLATE = "\u2068{}\u2069"  # FIRST STRONG ISOLATE, POP DIRECTIONAL ISOLATE


def add_dir(html: str) -> str:
    """Return HTML of reflect.text.markdown with a `dir` on each block, after its first letter.

    HTML without any right-to-left letter is returned as it is.
    """
    if not _RTL_CHAR.search(html):
        return html
    parts = list[str]()
    undirected_blocks = list[int]()  # indexes in `parts` of tags that have no letter yet
    for token in _TOKEN.finditer(html):
        letter = _STRONG_CHAR.search(token["words"] or "")
        if token["block"]:
            undirected_blocks.append(len(parts))
        elif letter:
            # A list and its first item begin with the same letter, and so both get its direction.
            for index in undirected_blocks:
                parts[index] = f'{parts[index][:-1]} dir="{_direction_of(letter[0])}">'
            undirected_blocks.clear()
        parts.append(token[0])
    return "".join(parts)


def _direction_of(letter: str) -> str:
    return "rtl" if _RTL_CHAR.match(letter) else "ltr"


def isolate(name: str) -> str:
    """Return a name so that it keeps its place in a sentence of the other direction."""
    return _ISOLATE_TEMPLATE.format(name) if _RTL_CHAR.search(name) else name
