"""Reading our own pages: as XML where they are that, which is quick, and else as the HTML of a browser."""

import re
from typing import Any
from xml.etree import ElementTree

import cssselect2
from weasyprint import HTML

_DOCTYPE = re.compile(r"\s*<!doctype html>\s*", re.IGNORECASE)
_VOID = re.compile(r"<(br|col|hr|img|input|link|meta|wbr)\b([^<>]*?)/?>")
_SPACE, _NEW_LINE = "&nbsp;", re.compile(r"(<pre\b[^<>]*>)\n")  # a browser skips the first line end in <pre>


class Page(HTML):  # type: ignore[misc]  # WeasyPrint has no types
    """A page of ours for the engine."""

    def __init__(self, html: str, *, base_url: str, url_fetcher: Any) -> None:
        root = _read(html)
        if root is None:
            super().__init__(string=html, base_url=base_url, url_fetcher=url_fetcher)
            return
        self.base_url, self.url_fetcher, self.media_type = base_url, url_fetcher, "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = root


def _read(html: str) -> ElementTree.Element | None:
    """Give the root of a page that is well-formed and whole; None for any other."""
    closed = _VOID.sub(r"<\1\2/>", _DOCTYPE.sub("", html, count=1)).replace(_SPACE, "&#160;")
    try:
        root = ElementTree.fromstring(_NEW_LINE.sub(r"\1", closed))  # noqa: S314 - expat reads no DTD that is not there
    except ElementTree.ParseError:
        return None
    whole = root.tag == "html" and [child.tag for child in root] == ["head", "body"] and root.find(".//base") is None
    return root if whole and root.find(".//table") is None else None  # a browser completes tables
