"""PDFs have the tags, titles, languages, alternative texts and links that a screen reader needs."""

import itertools
import re

import pikepdf
import pymupdf
import pytest

from reflect.printing import booklet_rendering, renderer_pool
from reflect.printing.render_request import Usage
from tests.printing.conftest import assert_checkers_find_no_error, open_pdf

TABLE = """<html lang="nl"><title>{name}</title><body><h1>{name}</h1><table>
<tr><th>Vak</th><th>Doel</th></tr>
<tr><td>Wiskunde</td><td>Haakjes</td></tr></table></body></html>"""
PDFUA = "{http://www.aiim.org/pdfua/ns/id/}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"


@pytest.fixture(params=["single", "merged", "archive", "merged archive"])
def pdf(request, cast_booklets):
    usage = Usage.ARCHIVE if "archive" in request.param else Usage.PRINT
    if "merged" in request.param:
        return booklet_rendering.render_merged(cast_booklets, seconds=120, usage=usage)
    return booklet_rendering.render_one(cast_booklets[0], seconds=60, usage=usage)


def elements(file):
    """Yield every element of the tag tree in reading order, with its language."""

    def walk(element, language):
        if isinstance(element, pikepdf.Dictionary) and "/S" in element:
            language = str(element.get("/Lang", language))
            yield element, language
            kids = element.get("/K", [])
            for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
                yield from walk(kid, language)

    for element in file.Root.StructTreeRoot.K:
        yield from walk(element, str(file.Root.Lang))


def tagged(file, *tags):
    """Return the elements with one of these tags, each with its language."""
    return [(element, language) for element, language in elements(file) if element.S in tags]


def heading_levels(file):
    tags = [str(element.S) for element, _ in elements(file)]
    return [int(tag[2]) for tag in tags if re.fullmatch("/H[1-6]", tag)]


def link_annotations(file):
    return [
        annotation
        for page in file.pages
        for annotation in page.get("/Annots", [])
        if annotation.Subtype == "/Link"
    ]


def test_the_checkers_find_no_error(pdf, run_pdf_tool, request):
    usage = Usage.ARCHIVE if "archive" in request.node.callspec.params["pdf"] else Usage.PRINT
    assert_checkers_find_no_error(pdf, run_pdf_tool, usage=usage)


def test_an_item_of_a_list_has_its_words_in_a_body(pdf):
    with open_pdf(pdf) as file:
        for item, _ in tagged(file, "/LI"):
            assert {str(kid.S) for kid in item.K} <= {"/Lbl", "/LBody"}


def test_a_formula_can_be_copied_and_searched(pdf, run_pdf_tool):
    text = run_pdf_tool(pdf, "pdftotext", "PDF", "-").stdout
    assert "2x+3=11" in text
    with pymupdf.open(stream=pdf) as file:
        words = "".join(page.get_text() for page in file).split()
    # MuPDF cuts it where a digit meets a letter.
    assert "x+3=11" in "".join(words)
    with open_pdf(pdf) as file:
        texts = {str(formula.ActualText) for formula, _ in tagged(file, "/Formula")}
    assert "2x+3=11" in texts
    assert "" not in texts


def test_it_has_its_title_and_language(pdf):
    with open_pdf(pdf) as file:
        title = str(file.docinfo.Title)
        assert "Herfst" in title
        assert str(file.Root.Lang) == "nl"
        assert bool(file.Root.ViewerPreferences.DisplayDocTitle)
        assert bool(file.Root.MarkInfo.Marked)
        with file.open_metadata() as metadata:
            assert metadata["dc:title"] == title
            assert metadata[f"{PDFUA}part"] == "1"


def test_a_text_in_another_language_has_that_language(pdf):
    with open_pdf(pdf) as file:
        languages = {language for _, language in tagged(file, "/H2", "/P", "/Formula")}
        assert languages == {"nl", "en"}
        formulas = {str(formula.Alt): language for formula, language in tagged(file, "/Formula")}
    assert formulas["2 x plus 3 is gelijk aan 11"] == "nl"
    assert formulas["2 x plus 3 equals 11"] == "en"


def test_headings_do_not_skip_a_level_and_begin_with_the_student(pdf):
    with open_pdf(pdf) as file:
        levels = heading_levels(file)
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_pictures_have_a_text_without_code(pdf):
    with open_pdf(pdf) as file:
        texts = [str(element.Alt) for element, _ in tagged(file, "/Figure", "/Formula")]
    assert "Mijn getallenlijn" in texts
    assert any(text.startswith("Foto 2 bij “") for text in texts), "it has no caption"
    assert not any("\\" in text or "$" in text for text in texts)


def marks_of_texts(page):
    """Return for each text on the page the mark that it is in; None outside of marks."""
    open_marks = []
    marks = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) in ("BDC", "BMC"):
            open_marks.append(str(operands[0]))
        elif str(operator) == "EMC":
            open_marks.pop()
        elif str(operator) == "TJ":
            marks.append(open_marks[-1] if open_marks else None)
    return marks


def test_running_heads_and_leader_dots_are_artifacts(pdf):
    """A screen reader skips those: it reads no page numbers and no row of dots."""
    with open_pdf(pdf) as file:
        for page in file.pages:
            marks = marks_of_texts(page)
            assert None not in marks, "a text is either content or an artifact"
            assert "/Artifact" in marks or not marks or page.label.endswith(" 1")


def test_the_contents_are_links_with_a_destination_and_a_text(pdf):
    with open_pdf(pdf) as file:
        pages = {page.objgen for page in file.pages}
        annotations = link_annotations(file)
        texts = {str(annotation.Contents) for annotation in annotations}
        assert {"Wiskunde", "Biology", "Voornemens en afspraken"} <= texts
        for annotation in annotations:
            assert annotation.Dest[0].objgen in pages
            assert int(annotation.F) & 4, "it is printed"
        assert len(tagged(file, "/Link")) == len(annotations)
        owners = {int(annotation.StructParent) for annotation in annotations}
        assert len(owners) == len(annotations)


def test_every_mark_leads_to_the_tag_tree_from_its_page(pdf):
    """Screen readers find the tags in this direction."""
    with open_pdf(pdf) as file:
        tree = pikepdf.NumberTree(file.Root.StructTreeRoot.ParentTree)
        in_tree = {element.objgen for element, _ in elements(file)}
        for page in file.pages:
            if "/StructParents" not in page:
                continue
            for element in tree[int(page.StructParents)]:
                assert element.objgen in in_tree
                assert element.Pg.objgen == page.objgen


def test_the_bookmarks_name_each_student_and_lead_to_pages(cast_booklets):
    names = [booklet.student.name for booklet in cast_booklets]
    merged = booklet_rendering.render_merged(cast_booklets, seconds=120)
    with open_pdf(merged) as file, file.open_outline() as outline:
        assert [item.title for item in outline.root] == names
        assert outline.root[0].children[0].title == "Noor el Amrani"
        pages = {page.objgen for page in file.pages}
        assert all(item.destination[0].objgen in pages for item in outline.root)


def test_pages_are_labelled_by_student_and_an_empty_back_has_no_label(cast_booklets):
    first_pdf = booklet_rendering.render_one(cast_booklets[0], seconds=120)
    with open_pdf(booklet_rendering.render_merged(cast_booklets, seconds=120)) as file:
        labels = [page.label for page in file.pages]
        blank = {index: page for index, page in enumerate(file.pages) if not page.label}
        first_count = len(open_pdf(first_pdf).pages)
        assert set(blank) == ({first_count} if first_count % 2 else set())
        assert all("/Contents" not in page for page in blank.values())
    assert labels[0] == "Noor el Amrani 1"
    assert labels.index("Sam Jansen 1") % 2 == 0


def test_a_students_part_has_their_name_and_language(cast_booklets):
    with open_pdf(booklet_rendering.render_merged(cast_booklets, seconds=120)) as file:
        (document,) = file.Root.StructTreeRoot.K
        assert document.S == "/Document"
        parts = [(part.S, str(part.T), str(part.Lang)) for part in document.K]
    assert parts == [("/Part", booklet.student.name, "nl") for booklet in cast_booklets]


def test_the_heads_of_two_tables_have_different_ids(run_pdf_tool):
    pdf = renderer_pool.render_joined(
        [TABLE.format(name="Een"), TABLE.format(name="Twee")], seconds=60
    )
    with open_pdf(pdf) as file:
        heads = [element for element, _ in tagged(file, "/TH")]
        assert all(head.A.Scope == "/Column" for head in heads)
        names = pikepdf.NameTree(file.Root.StructTreeRoot.IDTree)
        assert {str(head.ID) for head in heads} == set(names)
        assert len(set(names)) == 4
        for cell, _ in tagged(file, "/TD"):
            assert all(str(name) in names for name in cell.A.Headers)
    assert run_pdf_tool(pdf, "qpdf", "--check", "PDF").returncode == 0


@pytest.mark.parametrize("count", [1, 2])
def test_an_archive_has_its_conformance_and_the_meaning_of_its_colours(cast_booklets, count):
    booklets = cast_booklets[:count]
    with open_pdf(
        booklet_rendering.render_merged(booklets, seconds=120, usage=Usage.ARCHIVE)
    ) as file:
        (intent,) = file.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1"
        assert len(intent.DestOutputProfile.read_bytes()) > 1000
        assert "/ID" in file.trailer
        with file.open_metadata() as metadata:
            assert metadata[f"{PDFA}part"] == "3"
            assert metadata[f"{PDFA}conformance"] == "A"
            assert metadata.pdfa_status == "3A"


def test_a_print_does_not_claim_to_be_an_archive(cast_booklets):
    pdf = booklet_rendering.render_one(cast_booklets[0], seconds=60)
    with open_pdf(pdf) as file, file.open_metadata() as metadata:
        assert not metadata.pdfa_status
