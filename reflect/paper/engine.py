"""The engine: WeasyPrint, with its letters and style read once, a closed fetcher, and tags that checkers accept."""

import contextlib
import resource
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal

import pydyf
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reflect import places

_MEMORY = 3 * 1024**3
_PRINT_FLAG = 4  # PDF 32000-1, table 165: the annotation is printed with the page
Said = Literal["done", "outside", "failed"]


class _Closed(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Knows our own static files and pictures that stand in the page itself; anything else stops the print."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if url.startswith(("data:image/svg+xml;", "data:image/png;", "data:image/jpeg;")) or self._is_ours(url):
            return super().fetch(url, headers)
        raise FatalURLFetchingError(url.split(":")[0])

    @staticmethod
    def _is_ours(url: str) -> bool:
        static = places.STATIC.as_uri() + "/"
        return url.startswith(static) and ".." not in url and "%" not in url.removeprefix(static)


_fetcher = _Closed()


@lru_cache(maxsize=1)
def _style() -> tuple[FontConfiguration, list[CSS]]:
    fonts = FontConfiguration()
    sheets = ("css/tokens.css", "css/paper.css")
    return fonts, [CSS(places.STATIC / sheet, font_config=fonts, url_fetcher=_fetcher) for sheet in sheets]


def run(pages: Sequence[str], *, seconds: int) -> tuple[Said, bytes]:
    """Print these documents into one PDF; `seconds` bounds the processor time too (0: no bound)."""
    if seconds:
        _bound(seconds)
    try:
        return "done", _printed(pages)
    except FatalURLFetchingError:
        return "outside", b""
    except (MemoryError, RecursionError):
        return "failed", b""


def _bound(seconds: int) -> None:
    for what, limit in ((resource.RLIMIT_CPU, seconds + 5), (resource.RLIMIT_AS, _MEMORY)):
        with contextlib.suppress(ValueError, OSError):  # macOS knows no bound on memory
            resource.setrlimit(what, (limit, limit))


def _printed(pages: Sequence[str]) -> bytes:
    documents = [_laid_out(page) for page in pages]
    whole = documents[0].copy(list(_on_odd_pages(documents)))
    pdf: bytes = whole.write_pdf(pdf_variant="pdf/ua-1", finisher=_finish, optimize_images=False)
    return pdf


def _laid_out(page: str) -> Document:
    fonts, sheets = _style()
    html = HTML(string=page, base_url=places.STATIC.as_uri() + "/", url_fetcher=_fetcher)
    return html.render(font_config=fonts, stylesheets=sheets, presentational_hints=False)


def _on_odd_pages(documents: Sequence[Document]) -> Iterator[Any]:
    """Give all pages; between two documents an empty one where the next would begin on a back side."""
    for number, document in enumerate(documents):
        yield from document.pages
        if number < len(documents) - 1 and len(document.pages) % 2:
            yield from _laid_out("<html lang='nl'><title>.</title><body class='blank'>").pages


def _finish(_: Document, pdf: pydyf.PDF) -> None:
    """Print links with the page, as PDF/UA asks."""
    for thing in pdf.objects:
        if isinstance(thing, pydyf.Dictionary) and thing.get("Subtype") == "/Link":
            thing["F"] = _PRINT_FLAG
