"""Render booklets to PDF, or find them in the cache; merge and pack them."""

import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import BinaryIO

from flask import current_app
from flask_babel import force_locale, gettext
from markupsafe import Markup

from reflect import clock
from reflect.access.view_models import MediaKind, RemarkView
from reflect.errors import PrintFailed
from reflect.printing import cache, one_pager, page_templates, renderer_pool
from reflect.printing.booklet import LAYOUT_LABELS, Booklet, BookletLayout
from reflect.printing.cache import PdfCache
from reflect.printing.html_view import remark_label
from reflect.printing.pdf.merge import PdfMerger
from reflect.printing.pdf.reader import UnsupportedPdf
from reflect.printing.picture_strips import picture_strips
from reflect.printing.render_request import RenderLimits, RenderRequest, Usage
from reflect.printing.renderer_pool import pdf_or_raise
from reflect.printing.whole_names import mark_whole_names
from reflect.reports import evidence
from reflect.settings import Settings
from reflect.storage import blob_store
from reflect.text import highlights, markdown
from reflect.text.addresses import mark_addresses
from reflect.text.file_names import file_name, unique_file_names
from reflect.text.long_words import break_long_words

log = logging.getLogger(__name__)

_NUMBERED_ITEM = re.compile(r'<li((?: id="[^"]*")?) value="(\d{1,9})">')
_CSS_NUMBERED_ITEM = r'<li\1 style="counter-reset:list-item \2;counter-increment:none">'
# Next line, line separator and paragraph separator, at which WeasyPrint ends a text.
_LINE_SEPARATORS = dict.fromkeys((0x85, 0x2028, 0x2029), "\n")


def build_request(booklet: Booklet, *, usage: Usage = Usage.PRINT) -> RenderRequest:
    """Return the pages of a booklet, with photos at print size. Call it in an app context."""
    return REQUEST_BUILDERS[booklet.layout](booklet, usage)


def _booklet_request(booklet: Booklet, usage: Usage) -> RenderRequest:
    pictures = booklet.branding.pictures

    def picture_url(key: str, kind: MediaKind) -> str:
        if kind is not MediaKind.PICTURE:
            return ""  # the template prints a placeholder for a sound or a document
        # Beyond the limit the request is refused anyway, so do not load more photos into memory.
        loaded_bytes = sum(map(len, pictures.values()))
        if key not in pictures and loaded_bytes <= _render_limits().max_input_bytes:
            pictures[key] = _load_picture(key)
        return f"picture:{key}" if pictures.get(key) else ""

    html = page_templates.render(
        "printing/booklet.html",
        language=booklet.language,
        booklet=booklet,
        to_print_html=markdown.to_print_html,
        to_print_line=markdown.to_print_inline_html,
        annotate=_highlight_remarks,
        evidence_url=picture_url,
        picture_strips=picture_strips,
    )
    return RenderRequest(_number_items_in_css(_prepare_lines(html)), pictures, usage)


def _one_pager_request(booklet: Booklet, usage: Usage) -> RenderRequest:
    """Return a one-pager with as many words as could fit, and the same with fewer and fewer."""
    with force_locale(booklet.language):
        template = current_app.jinja_env.get_template("printing/one_pager.html")
        context = {
            "booklet": booklet,
            "to_print_html": markdown.to_print_html,
            "to_print_line": markdown.to_print_inline_html,
            "subject_names": one_pager.subject_names(booklet),
            "layout_class": one_pager.layout_for(booklet).css_class,
        }
        first, *shorter = [
            _prepare_lines(template.render(context, subject_rows=subject_parts))
            for subject_parts in one_pager.candidates(booklet)
        ]
    return RenderRequest(
        html=first,
        pictures=booklet.branding.pictures,
        usage=usage,
        shorter_htmls=tuple(shorter),
        max_pages=one_pager.ONE_PAGER_PAGES,
    )


REQUEST_BUILDERS: dict[BookletLayout, Callable[[Booklet, Usage], RenderRequest]] = {
    BookletLayout.BOOKLET:   _booklet_request,
    BookletLayout.ONE_PAGER: _one_pager_request,
}  # fmt: skip


def _highlight_remarks(text: str, language: str, remarks: Sequence[RemarkView]) -> Markup:
    marks = [remark.highlight for remark in remarks if remark.highlight]
    return highlights.to_print_html(text, marks, language=language, label_for=remark_label)


def _prepare_lines(html: str) -> str:
    """Return HTML whose lines end where they should, and can be laid out in a bounded time."""
    return break_long_words(mark_whole_names(mark_addresses(normalize_line_ends(html))))


def normalize_line_ends(html: str) -> str:
    """Return HTML in which every character that ends a line or a paragraph is a line feed."""
    return html.translate(_LINE_SEPARATORS)


def _number_items_in_css(html: str) -> str:
    """Return HTML in which CSS gives list items their numbers: WeasyPrint ignores `value`."""
    return _NUMBERED_ITEM.sub(_CSS_NUMBERED_ITEM, html)


def _load_picture(evidence_key: str) -> bytes:
    """Return a photo at print size; empty when the file is missing."""
    name = evidence.print_blob_name(evidence_key)
    return evidence.read_file(name, blob_store=blob_store(_settings().evidence)) or b""


def _settings() -> Settings:
    settings: Settings = current_app.extensions["reflect"]
    return settings


def _render_limits() -> RenderLimits:
    settings = _settings()
    return RenderLimits(
        seconds=settings.print_student_seconds,
        memory_bytes=settings.print_student_memory_mb * 1024**2,
        max_input_bytes=settings.print_student_mb * 1024**2,
    )


def open_cache() -> PdfCache:
    """Return the cache of finished PDFs of this app."""
    settings = _settings()
    return PdfCache(settings.data / "printed", settings.print_kept_mb, settings.print_kept_days)


def render_one(booklet: Booklet, *, seconds: float, usage: Usage = Usage.PRINT) -> bytes:
    """Return the PDF of one booklet. Raises PrintFailed with the student's name."""
    return render_booklets([booklet], seconds=seconds, usage=usage)[0]


def render_booklets(
    booklets: Sequence[Booklet], *, seconds: float, usage: Usage = Usage.PRINT
) -> list[bytes]:
    """Return a PDF for each booklet. Raises PrintFailed with the name of a student without one."""
    results = render_or_cached(booklets, seconds=seconds, usage=usage)
    return [pdf_or_raise(result) for _, result in results]


def render_merged(
    booklets: Sequence[Booklet], *, seconds: float, usage: Usage = Usage.PRINT
) -> bytes:
    """Return one PDF in which each booklet begins on an odd page. Raises PrintFailed."""
    output = io.BytesIO()
    results = render_or_cached(booklets, seconds=seconds, usage=usage)
    rendered = ((booklet, pdf_or_raise(result)) for booklet, result in results)
    for rejected in merge_booklets(rendered, output=output, usage=usage):
        raise PrintFailed(student=rejected.student.name)
    return output.getvalue()


def render_or_cached(
    booklets: Sequence[Booklet], *, seconds: float, usage: Usage = Usage.PRINT
) -> Iterator[tuple[Booklet, bytes | PrintFailed]]:
    """Yield each booklet with its PDF or the reason that there is none, in their order.

    What is rendered goes into the cache. Rendering begins when the first result is asked for.
    """
    pdf_cache = open_cache()
    limits = _render_limits()
    keys = [booklet_key(booklet, usage=usage) for booklet in booklets]
    cached = [
        pdf_cache.contains(key, student_id=booklet.student.id)
        for booklet, key in zip(booklets, keys, strict=True)
    ]
    # A generator: the pages and photos of a student are loaded only when a child can take them.
    requests = (
        build_request(booklet, usage=usage)
        for booklet, is_cached in zip(booklets, cached, strict=True)
        if not is_cached
    )
    rendered: Iterator[bytes | PrintFailed] = renderer_pool.render_all(
        requests, seconds=seconds, limits=limits
    )
    for booklet, key, is_cached in zip(booklets, keys, cached, strict=True):
        # Read one at a time, so that memory does not grow with the size of the group (decision
        # 12).
        if is_cached and (pdf := pdf_cache.get(key, student_id=booklet.student.id)):
            yield booklet, pdf
            continue
        if is_cached:
            # It was removed since, or is damaged.
            request = build_request(booklet, usage=usage)
            renderings = renderer_pool.render_all([request], seconds=seconds, limits=limits)
            # In front, since `rendered` yields its results in the order of the booklets.
            rendered = chain(renderings, rendered)
        result = next(rendered)
        if isinstance(result, bytes):
            pdf_cache.put(result, key=key, student_id=booklet.student.id)
        yield booklet, _with_student_name(result, booklet)


def booklet_key(booklet: Booklet, *, usage: Usage) -> str:
    """Return the cache key of a booklet, which is the same only for the very same pages."""
    return cache.cache_key(booklet, usage, _settings().timezone)


def merge_booklets(
    rendered: Iterable[tuple[Booklet, bytes]], *, output: BinaryIO, usage: Usage = Usage.PRINT
) -> list[Booklet]:
    """Write finished booklets into one PDF, as they come; each begins on an odd page.

    Return those whose PDF could not be read, and which are not in it.
    """
    merger: PdfMerger | None = None
    rejected = []
    for booklet, pdf in rendered:
        # Only now, since group, school and language are those of the first booklet.
        merger = merger or PdfMerger(
            output,
            title=f"{booklet.group}, {booklet.round}",
            author=booklet.school,
            language=booklet.language,
            usage=usage,
        )
        try:
            merger.add(pdf, student_name=booklet.student.name)
        except UnsupportedPdf:
            # It wrote nothing, and the others go on.
            log.warning("a finished PDF could not be merged")
            rejected.append(booklet)
    if merger:
        merger.close()
    return rejected


def _with_student_name(result: bytes | PrintFailed, booklet: Booklet) -> bytes | PrintFailed:
    return type(result)(student=booklet.student.name) if isinstance(result, PrintFailed) else result


def zip_booklets(
    rendered: Iterable[tuple[Booklet, bytes]], booklets: Iterable[Booklet], *, output: BinaryIO
) -> None:
    """Write finished booklets into a zip, as they come; `booklets` are all that may come."""
    booklets = list(booklets)
    names = dict(zip([one.student.id for one in booklets], file_names(booklets), strict=True))
    write_zip(((names[booklet.student.id], pdf) for booklet, pdf in rendered), output=output)


def zip_files(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of these files, by name."""
    output = io.BytesIO()
    write_zip(files.items(), output=output)
    return output.getvalue()


def write_zip(files: Iterable[tuple[str, bytes]], *, output: BinaryIO) -> None:
    """Write a zip of these files; not compressed, since PDFs and photos are already."""
    today = clock.local_date(clock.now(), zone=_settings().timezone)
    with zipfile.ZipFile(output, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files:
            # The day alone: a zip tells nobody at which minute somebody printed.
            archive.writestr(zipfile.ZipInfo(name, (*today.timetuple()[:3], 0, 0, 0)), content)


def file_names(booklets: Sequence[Booklet]) -> list[str]:
    """Return a file name for each booklet, such as winter-2b-noor-el-amrani.pdf.

    No two are the same.
    """
    # By the names without their ending: of two students of one name both get a number.
    stems = [
        file_name(_names_of(booklet), extension="pdf", ending=file_name_suffix(booklet.layout))
        for booklet in booklets
    ]
    parts = [
        (_names_of(booklet), _ending_of(booklet, is_only=stems.count(stem) == 1))
        for booklet, stem in zip(booklets, stems, strict=True)
    ]
    return unique_file_names(parts, extension="pdf")


def _names_of(booklet: Booklet) -> list[str]:
    return [booklet.round, booklet.group, booklet.student.name]


def _ending_of(booklet: Booklet, *, is_only: bool) -> str:
    suffix = file_name_suffix(booklet.layout)
    return suffix if is_only else f"{suffix} {booklet.student.id}"


def file_name_suffix(layout: BookletLayout) -> str:
    """Return the end of a file name, by which the layouts of one student have other names."""
    word = LAYOUT_LABELS[layout].file_name
    with force_locale(_settings().language):
        return gettext(word) if word else ""
