"""Who listens to the pages: tags, titles, languages, alternative texts and links, alone, bound together and archived."""

import itertools
import re
import sys

import pikepdf
import pytest

from reflect.paper import bundle, press
from reflect.paper.manuscript import Use
from tests.press.conftest import opened

TABLE = """<html lang="nl"><title>{name}</title><body><h1>{name}</h1><table><tr><th>Vak</th><th>Doel</th></tr>
<tr><td>Wiskunde</td><td>Haakjes</td></tr></table></body></html>"""


@pytest.fixture(params=["alone", "bound", "archived", "archived and bound"])
def pdf(request, made):
    use = Use.ARCHIVE if "archived" in request.param else Use.PRINT
    if "bound" in request.param:
        return bundle.merged(made, seconds=120, use=use)
    return bundle.one(made[0], seconds=60, use=use)


def elements(file):
    """Give every element of the tag tree in reading order, with the language that holds there."""

    def walk(element, language):
        if isinstance(element, pikepdf.Dictionary) and "/S" in element:
            language = str(element.get("/Lang", language))
            yield element, language
            kids = element.get("/K", [])
            for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
                yield from walk(kid, language)

    for element in file.Root.StructTreeRoot.K:
        yield from walk(element, str(file.Root.Lang))


def tagged(file, *kinds):
    return [(element, language) for element, language in elements(file) if element.S in kinds]


def test_the_checkers_find_no_error(pdf, shop):
    checked = shop(pdf, "qpdf", "--check", "PDF")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for tool in (("outloud.cli", "--quiet", "PDF"), ("pdfua", "check", "PDF")):
        ran = shop(pdf, sys.executable, "-m", *tool)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_it_says_its_title_and_language(pdf):
    with opened(pdf) as file:
        title = str(file.docinfo.Title)
        assert "Herfst" in title
        assert str(file.Root.Lang) == "nl"
        assert bool(file.Root.ViewerPreferences.DisplayDocTitle)
        assert bool(file.Root.MarkInfo.Marked)
        with file.open_metadata() as said:
            assert said["dc:title"] == title
            assert said["{http://www.aiim.org/pdfua/ns/id/}part"] == "1"


def test_a_text_in_another_language_says_so(pdf):
    with opened(pdf) as file:
        languages = {language for _, language in tagged(file, "/H2", "/P", "/Formula")}
        assert languages == {"nl", "en"}
        spoken = {str(formula.Alt): language for formula, language in tagged(file, "/Formula")}
    assert spoken["2 x plus 3 is gelijk aan 11"] == "nl"
    assert spoken["2 x plus 3 equals 11"] == "en"


def test_headings_do_not_skip_a_level_and_begin_with_the_student(pdf):
    with opened(pdf) as file:
        levels = [int(str(element.S)[2]) for element, _ in elements(file) if re.fullmatch("/H[1-6]", str(element.S))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_pictures_have_a_text_that_is_no_code(pdf):
    with opened(pdf) as file:
        texts = [str(element.Alt) for element, _ in tagged(file, "/Figure", "/Formula")]
    assert "Mijn getallenlijn" in texts
    assert not any("\\" in text or "$" in text for text in texts)


def test_running_heads_and_dots_are_decoration(pdf):
    """What the tag tree holds is what is read aloud: no page numbers in the margin, no row of dots."""
    with opened(pdf) as file:
        for page in file.pages:
            marked, text = [], []
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) in ("BDC", "BMC"):
                    marked.append(str(operands[0]))
                elif str(operator) == "EMC":
                    marked.pop()
                elif str(operator) == "TJ":
                    text.append(marked[-1] if marked else None)
            assert None not in text, "everything is either content or decoration"
            assert "/Artifact" in text or not text or page.label.endswith(" 1")


def test_the_contents_are_links_that_lead_somewhere_and_say_where(pdf):
    with opened(pdf) as file:
        pages = {page.objgen for page in file.pages}
        found = [note for page in file.pages for note in page.get("/Annots", []) if note.Subtype == "/Link"]
        assert {"Wiskunde", "Biology", "Voornemens en afspraken"} <= {str(link.Contents) for link in found}
        for link in found:
            assert link.Dest[0].objgen in pages
            assert int(link.F) & 4
        links = tagged(file, "/Link")
        assert len(links) == len(found), "one link each"
        owners = {int(link.StructParent) for link in found}
        assert len(owners) == len(found)


def test_every_mark_is_found_from_its_page(pdf):
    """The way back, from a page's marks to the tag tree, is what a screen reader goes by."""
    with opened(pdf) as file:
        tree = pikepdf.NumberTree(file.Root.StructTreeRoot.ParentTree)
        in_tree = {element.objgen for element, _ in elements(file)}
        for page in file.pages:
            if "/StructParents" not in page:
                continue
            for element in tree[int(page.StructParents)]:
                assert element.objgen in in_tree
                assert element.Pg.objgen == page.objgen


def test_the_bookmarks_name_each_student_and_lead_to_pages(made):
    with opened(bundle.merged(made, seconds=120)) as file, file.open_outline() as outline:
        assert [item.title for item in outline.root] == [booklet.student.name for booklet in made]
        below = [item.title for item in outline.root[0].children]
        assert below[0] == "Noor el Amrani"
        pages = {page.objgen for page in file.pages}
        assert all(item.destination[0].objgen in pages for item in outline.root)


def test_pages_are_labelled_per_student_and_an_empty_back_says_nothing(made):
    with opened(bundle.merged(made, seconds=120)) as file:
        labels = [page.label for page in file.pages]
        alone = [len(opened(pdf).pages) for pdf in bundle.each(made, seconds=120)]
        for number, page in enumerate(file.pages):
            if not page.label:
                assert number == alone[0], "only behind the first student, whose pages are odd in number"
                assert "/Contents" not in page
    assert labels[0] == "Noor el Amrani 1"
    assert "Sam Jansen 1" in labels
    assert labels.index("Sam Jansen 1") % 2 == 0


def test_a_students_part_carries_their_name_and_language(made):
    with opened(bundle.merged(made, seconds=120)) as file:
        (document,) = file.Root.StructTreeRoot.K
        assert document.S == "/Document"
        assert [(part.S, str(part.T), str(part.Lang)) for part in document.K] == [
            ("/Part", booklet.student.name, "nl") for booklet in made
        ]


def test_the_heads_of_two_tables_are_told_apart(shop):
    pdf = press.joined([TABLE.format(name="Een"), TABLE.format(name="Twee")], seconds=60)
    with opened(pdf) as file:
        heads = [element for element, _ in tagged(file, "/TH")]
        assert all(head.A.Scope == "/Column" for head in heads)
        names = pikepdf.NameTree(file.Root.StructTreeRoot.IDTree)
        assert {str(head.ID) for head in heads} == set(names)
        assert len(set(names)) == 4
        for cell, _ in tagged(file, "/TD"):
            assert all(str(name) in names for name in cell.A.Headers)
    assert shop(pdf, "qpdf", "--check", "PDF").returncode == 0


def test_an_archive_says_what_it_is_and_carries_what_its_colours_mean(made):
    for pdf in (bundle.one(made[0], seconds=60, use=Use.ARCHIVE), bundle.merged(made, seconds=120, use=Use.ARCHIVE)):
        with opened(pdf) as file:
            (intent,) = file.Root.OutputIntents
            assert intent.S == "/GTS_PDFA1"
            assert len(intent.DestOutputProfile.read_bytes()) > 1000
            assert "/ID" in file.trailer
            with file.open_metadata() as said:
                assert said["{http://www.aiim.org/pdfa/ns/id/}part"] == "3"
                assert said["{http://www.aiim.org/pdfa/ns/id/}conformance"] == "A"
                assert said.pdfa_status == "3A"
    with opened(bundle.one(made[0], seconds=60)) as file, file.open_metadata() as said:
        assert not said.pdfa_status, "paper makes no promise to archives"
