"""Apply the patches that the installed libraries allow, and do without each of the others."""

import importlib
import logging
from collections.abc import Sequence
from typing import Any

import pydyf
import weasyprint
from weasyprint import CSS, HTML, Document

from reflect.printing import weasyprint_patches
from reflect.printing.render_request import Usage

log = logging.getLogger(__name__)


def _load_patches() -> dict[str, Any]:
    reasons = weasyprint_patches.unavailable_patches()
    if reasons:
        all_reasons = "; ".join(sorted(set(reasons.values())))
        log.warning("printing without patches %s: %s", ", ".join(reasons), all_reasons)
    return {
        patch: importlib.import_module(f"{weasyprint_patches.__name__}.{patch}")
        for patch in weasyprint_patches.PRIVATE_NAMES
        if patch not in reasons
    }


# By name, only those that are available. They are loaded by name, since importing one that is not
# available fails, and would take printing with it.
_patches = _load_patches()


def apply_patches(stylesheets: Sequence[CSS]) -> None:
    """Replace parts of WeasyPrint in this process, for pages that use these stylesheets."""
    apply_corrections()
    if "accessibility" in _patches:
        _patches["accessibility"].apply_accessibility_patches()
    if "cascade" in _patches:
        _patches["cascade"].apply_cascade_patches(stylesheets)
    if "layout" in _patches:
        _patches["layout"].apply_layout_patches()
    if "svg_paths" in _patches:
        _patches["svg_paths"].apply_svg_patches()
    if "text" in _patches:
        _patches["text"].apply_text_patches()


def apply_corrections() -> None:
    """Replace in this process what WeasyPrint does wrong; all other patches change no pixel."""
    if "block_ends" in _patches:
        _patches["block_ends"].apply_block_end_patches()
    if "formula_text" in _patches:
        _patches["formula_text"].apply_formula_text_patches()
    if "line_breaks" in _patches:
        _patches["line_breaks"].apply_line_break_patches()
    if "svg_gradients" in _patches:
        _patches["svg_gradients"].apply_svg_gradient_patches()


def finish_corrections(pdf: pydyf.PDF) -> None:
    """Add to a PDF that is drawn but not yet written what the corrections need in it."""
    if "formula_text" in _patches:
        _patches["formula_text"].add_formula_fonts(pdf)


def parse_html(html: str, *, base_url: str, url_fetcher: Any) -> HTML:
    """Return a page for WeasyPrint to lay out; parsed as XML where that gives the same."""
    if "html_parser" in _patches:
        page_class = _patches["html_parser"].FastParsedHTML
        return page_class(html, base_url=base_url, url_fetcher=url_fetcher)
    return HTML(string=html, base_url=base_url, url_fetcher=url_fetcher)


def remove_duplicate_links(pages: Sequence[Any]) -> None:
    """Remove the second link over what CSS puts behind a link, such as its page number."""
    if "pdf_structure" in _patches:
        _patches["pdf_structure"].remove_duplicate_links(pages)


def finish_pdf(document: Document, pdf: pydyf.PDF, *, html: str, usage: Usage) -> None:
    """Complete tags, links and metadata of a PDF that WeasyPrint has drawn but not yet written."""
    finish_corrections(pdf)
    if "pdf_structure" in _patches:
        _patches["pdf_structure"].finish_structure(pdf, html=html)
        _patches["pdf_structure"].replace_metadata(document, pdf, usage=usage)
        if usage is Usage.ARCHIVE:
            _patches["pdf_structure"].make_archivable(pdf)


def library_versions() -> str:
    """Return the versions of all libraries that decide where a glyph is placed on a page."""
    versions = f"weasyprint {weasyprint.__version__} pydyf {pydyf.VERSION}"
    if "text_library_versions" in _patches:
        versions += f" {_patches['text_library_versions'].text_library_versions()}"
    return versions
