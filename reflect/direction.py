"""Direction: a text in Arabic or Hebrew letters begins at the right, and says so block by block."""

import re

_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_FROM_RIGHT = re.compile(f"[{_RIGHT}]")
_STRONG = re.compile(rf"[{_RIGHT}]|[^\W\d_]")
_TOKEN = re.compile(r"<(?P<block>p|ul|ol|blockquote|pre)>|<[^>]*>|&#?\w+;|(?P<words>[^<&]+)|.")
_ISOLATED = "\u2068{}\u2069"


def directed(html: str) -> str:
    """Give HTML of `words` in which each block says where it begins, if there are letters that begin at the right."""
    if not _FROM_RIGHT.search(html):
        return html
    parts, waiting = list[str](), list[int]()
    for found in _TOKEN.finditer(html):
        if found["block"]:
            waiting.append(len(parts))
        elif found["words"] and waiting and (letter := _STRONG.search(found["words"])):
            for place in waiting:
                parts[place] = f'{parts[place][:-1]} dir="{_of(letter[0])}">'
            waiting.clear()
        parts.append(found[0])
    return "".join(parts)


def _of(letter: str) -> str:
    return "rtl" if _FROM_RIGHT.match(letter) else "ltr"


def isolated(name: str) -> str:
    """Give a name that keeps its place in a sentence of another direction."""
    return _ISOLATED.format(name) if _FROM_RIGHT.search(name) else name
