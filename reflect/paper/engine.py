"""The engine: WeasyPrint, with its letters and style read once, a closed fetcher, and tags that checkers accept."""

import contextlib
import os
import resource
from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import Any, Literal

import pydyf
import weasyprint
from weasyprint import CSS, Document
from weasyprint.text.ffi import harfbuzz, pango
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reflect import formula_picture, places
from reflect.paper import imprint, tags
from reflect.paper.manuscript import Limits, Manuscript, Use
from reflect.paper.reading import Page

_VARIANTS = {Use.PRINT: "pdf/ua-1", Use.ARCHIVE: "pdf/a-3a"}
SHEETS = ("tokens.css", "paper.css", "design.css", "sheet.css")
_GENTLE = 10  # a page that somebody waits for goes before a print
_IN_TURN = 3
Said = Literal["done", "outside", "failed"]


class _Closed(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Knows our own static files, drawings in the page itself, and the pictures of this one manuscript."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__()
        self.pictures = pictures

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, rest = url.partition(":")
        if scheme == "picture" and rest in self.pictures:
            kind = "image/svg+xml" if self.pictures[rest].startswith(b"<svg") else "image/jpeg"
            return URLFetcherResponse(url, self.pictures[rest], {"Content-Type": kind})
        if url.startswith("data:image/svg+xml;") or self._is_ours(url):
            return super().fetch(url, headers)
        raise FatalURLFetchingError(scheme)

    @staticmethod
    def _is_ours(url: str) -> bool:
        static = places.STATIC.as_uri() + "/"
        return url.startswith(static) and ".." not in url and "%" not in url.removeprefix(static)


@lru_cache(maxsize=1)
def style() -> tuple[FontConfiguration, list[CSS]]:
    """Give the letters and the sheets of all our pages; read once."""
    fonts, fetcher = FontConfiguration(), _Closed({})
    return fonts, [CSS(places.STATIC / "css" / sheet, font_config=fonts, url_fetcher=fetcher) for sheet in SHEETS]


def versions() -> str:
    """Name everything under the pages that can move a letter."""
    shaper = max(pair for pair in product(range(1, 40), range(30)) if harfbuzz.hb_version_atleast(*pair, 0))
    return f"weasyprint {weasyprint.__version__} pydyf {pydyf.VERSION} pango {pango.pango_version()} harfbuzz {shaper}"


def run(manuscript: Manuscript, *, limits: Limits) -> tuple[Said, bytes]:
    """Print one student's pages. For a process of its own: the bounds that it sets stay."""
    _bound(limits)
    try:
        return "done", printed(manuscript)
    except FatalURLFetchingError:
        return "outside", b""
    except Exception as error:  # an engine fails on odd pages in every way there is; its sentence may quote them
        return "failed", type(error).__name__.encode()


def _bound(limits: Limits) -> None:
    os.nice(max(0, _GENTLE - os.nice(0)))
    bounds = (
        (resource.RLIMIT_CPU, int(limits.seconds) + 5),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for what, limit in bounds:
        with contextlib.suppress(ValueError, OSError):  # macOS knows no bound on memory
            resource.setrlimit(what, (limit, limit))


def printed(manuscript: Manuscript) -> bytes:
    """Lay out and draw, in this process."""
    html, document = _fitting(manuscript)
    document.output_intent = "srgb" if manuscript.use is Use.ARCHIVE else None
    tags.one_link_each(document.pages)

    def finish(document: Document, pdf: Any) -> None:
        tags.finish(pdf, of=html)
        _imprint(document, pdf, use=manuscript.use)

    variant = _VARIANTS[manuscript.use]
    pdf: bytes = document.write_pdf(pdf_variant=variant, finisher=finish, optimize_images=False)
    return pdf


def _fitting(manuscript: Manuscript) -> tuple[str, Document]:
    """Lay out the pages with the most words that fit; each of `shorter` has fewer than the one before it.

    The first ones nearly fit, so they are tried in turn; further on half of the rest is passed over at each try.
    """
    tries = (manuscript.html, *manuscript.shorter)
    low, high, fits = 0, len(tries) - 1, dict[int, Document]()
    while low < high:
        middle = low if low < _IN_TURN else (low + high) // 2
        document = _laid_out(tries[middle], manuscript.pictures)
        if len(document.pages) <= manuscript.most:
            high, fits[middle] = middle, document
        else:
            low = middle + 1
    return tries[high], fits.get(high) or _laid_out(tries[high], manuscript.pictures)


def _laid_out(html: str, pictures: Mapping[str, bytes]) -> Document:
    fonts, sheets = style()
    page = Page(formula_picture.drawn(html), base_url=places.STATIC.as_uri() + "/", url_fetcher=_Closed(pictures))
    return page.render(font_config=fonts, stylesheets=sheets, presentational_hints=False)


def _imprint(document: Document, pdf: Any, *, use: Use) -> None:
    said = document.metadata
    packet = imprint.packet(
        title=said.title or "", author=", ".join(said.authors), language=said.lang or "",
        producer=pdf.info["Producer"].string, use=use,
    )  # fmt: skip
    number = int(pdf.catalog["Metadata"].split()[0])
    pdf.objects[number].stream, pdf.objects[number].compress = [packet], False
