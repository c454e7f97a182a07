"""Render HTML to PDF with WeasyPrint, with fonts and stylesheets loaded once and no network."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from weasyprint import CSS, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from reflect import paths
from reflect.math import svg
from reflect.printing.render_request import RenderLimits, RenderRequest, Usage
from reflect.printing.weasyprint_patches import patches
from reflect.subprocesses import limit_this_process

_PDF_VARIANTS = {Usage.PRINT: "pdf/ua-1", Usage.ARCHIVE: "pdf/a-3a"}
_OUTPUT_INTENTS = {Usage.PRINT: None, Usage.ARCHIVE: "srgb"}  # PDF/A must say what its colours mean
STYLESHEETS = (
    "fonts.css",
    "tokens.css",
    "print-fonts.css",
    "typed-text.css",
    "print.css",
    "branding.css",
    "one-pager.css",
)
_STATIC_URL = paths.STATIC.as_uri() + "/"
_LINEAR_TRIES = 3
RenderStatus = Literal["done", "outside", "failed"]


class _ClosedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serve static files, SVG in the page and the pictures of one request; refuse all else."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__()
        self.pictures = pictures

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, rest = url.partition(":")
        if scheme == "picture" and rest in self.pictures:
            picture = self.pictures[rest]
            mime = "image/svg+xml" if picture.startswith(b"<svg") else "image/jpeg"
            return URLFetcherResponse(url, picture, {"Content-Type": mime})
        # Of data: addresses only SVG, which is how formulas are put into the page.
        if url.startswith("data:image/svg+xml;") or self._is_static_file(url):
            return super().fetch(url, headers)
        # A fatal error, which ends the print. After any other one WeasyPrint would go on, and
        # print the page without what it asked for.
        raise FatalURLFetchingError(scheme)

    @staticmethod
    def _is_static_file(url: str) -> bool:
        # Neither ".." nor an escaped letter, with which a path could lead out of the folder.
        path = url.removeprefix(_STATIC_URL)
        return url.startswith(_STATIC_URL) and ".." not in url and "%" not in path


@lru_cache(maxsize=1)
def fonts_and_stylesheets() -> tuple[FontConfiguration, list[CSS]]:
    """Return the fonts and stylesheets of all our pages, loaded once in this process."""
    fonts = FontConfiguration()
    fetcher = _ClosedFetcher({})
    stylesheets = [
        CSS(paths.STATIC / "css" / file_name, font_config=fonts, url_fetcher=fetcher)
        for file_name in STYLESHEETS
    ]
    return fonts, stylesheets


def render_with_limits(
    request: RenderRequest, *, limits: RenderLimits
) -> tuple[RenderStatus, bytes]:
    """Return the status and the PDF of one request; the error's name in place of a PDF that failed.

    Call it only in a child process: the limits on time and memory that it sets cannot be undone.
    """
    limit_this_process(seconds=limits.seconds, memory_bytes=limits.memory_bytes)
    try:
        return "done", render_pdf(request)
    except FatalURLFetchingError:
        return "outside", b""
    except Exception as error:
        # WeasyPrint fails on unusual pages with any error, and the error's text may quote the page.
        return "failed", type(error).__name__.encode()


def render_pdf(request: RenderRequest) -> bytes:
    """Return the pages as a tagged PDF, rendered in this process."""
    html, document = _lay_out_to_fit(request)
    patches.remove_duplicate_links(document.pages)

    def finish(document: Document, pdf: Any) -> None:
        patches.finish_pdf(document, pdf, html=html, usage=request.usage)

    variant = _PDF_VARIANTS[request.usage]
    # Photos are at print size already (decision 16), so there is nothing to optimise.
    pdf: bytes = document.write_pdf(pdf_variant=variant, finisher=finish, optimize_images=False)
    return pdf


def _lay_out_to_fit(request: RenderRequest) -> tuple[str, Document]:
    """Return the first of the request's HTML texts that fits on its pages, and its layout.

    The texts go from long to short. The first ones nearly fit, so they are tried one by one; the
    rest is searched by halves.
    """
    candidates = (request.html, *request.shorter_htmls)
    low = 0
    high = len(candidates) - 1
    fitting = dict[int, Document]()
    while low < high:
        middle = low if low < _LINEAR_TRIES else (low + high) // 2
        document = _lay_out(candidates[middle], request)
        if len(document.pages) <= request.max_pages:
            high = middle
            fitting[middle] = document
        else:
            low = middle + 1
    # What was tried is laid out already.
    return candidates[high], fitting.get(high) or _lay_out(candidates[high], request)


def _lay_out(html: str, request: RenderRequest) -> Document:
    fonts, stylesheets = fonts_and_stylesheets()
    page = patches.parse_html(
        svg.draw_formulas(html),
        base_url=_STATIC_URL,
        url_fetcher=_ClosedFetcher(request.pictures),
    )
    return page.render(
        font_config=fonts,
        stylesheets=stylesheets,
        presentational_hints=False,
        output_intent=_OUTPUT_INTENTS[request.usage],
    )
