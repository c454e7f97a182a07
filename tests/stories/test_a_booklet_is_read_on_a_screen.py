"""The booklet on a screen: the words and order of the paper; each reading is logged."""

import re
from dataclasses import replace

import pytest

from reflect.access import report_loading
from reflect.access.view_models import EvidenceView, MediaKind
from reflect.db.session import commit, session
from reflect.printing.html_view import render_booklet as on_screen
from reflect.reports import revisions
from reflect.reports.report import Report
from reflect.reports.workflow import Action
from reflect.storage import blob_store
from tests.cast import NOW
from tests.conftest import ANSWER
from tests.page import ParsedPage
from tests.printing import edge_case_booklets
from tests.printing.conftest import print_html
from tests.stories.test_a_student_shows_evidence import report_with_photo
from tests.stories.test_a_student_writes import WRITE, fields

__all__ = ["report_with_photo"]
MENTOR = "/mentorgroepen/{group}/ronde/{round}/leerlingen/{noor}/boekje"


@pytest.fixture
def url_ids(cast):
    return {"group": cast.group, "round": cast.round, "noor": cast.people["noor"]}


def said(html):
    """Return the words of a booklet in their order, and each formula and each photo as one word."""
    html = re.sub(r'<img class="formula[^>]*>|<math.*?</math>', " FORMULA ", html, flags=re.DOTALL)
    html = re.sub(r'<img src="[^"]*" alt="([^"]*)"[^>]*>', r" PHOTO \1 ", html)
    return ParsedPage(html[html.index('<section class="cover">') :]).words


@pytest.mark.parametrize("name", edge_case_booklets.BOOKLET_MAKERS)
def test_the_words_and_their_order_are_those_of_the_paper(app, name):
    with app.app_context():
        made = edge_case_booklets.BOOKLET_MAKERS[name](
            store_file=lambda key, content: blob_store(app.extensions["reflect"].evidence).put(
                key, content
            )
        )
        screen = on_screen(made, evidence_url=lambda report, key: f"/{report}/{key}")
        paper = print_html(made)
    if name == "hard":  # what is too wide for a page is there as typed, with its signs
        paper = re.sub(r'<code class="formula-as-typed">\$\$1\+2.*?</code>', " FORMULA ", paper)
    # Where a long run of letters may be broken on paper; not a sign that anybody reads.
    assert said(screen) == said(paper).replace("\u200b", "")


def test_a_mentor_reads_it_and_noor_sees_that(client_of, make_report, url_ids):
    number = make_report("closed")
    mentor, address = client_of("smit"), MENTOR.format(**url_ids)
    assert (
        address in mentor.get("/mentorgroepen/{group}/leerlingen/{noor}".format(**url_ids)).links()
    )
    page = mentor.get(address)
    for words in (
        "voor het gesprek over Herfst",
        "haal je links en rechts",
        "Mooi uitgelegd.",
        "Haakjes schrijven",
        "Wij spreken af",
    ):
        assert words in page.words
    assert "Geheim" not in page.words
    assert "mag ik iets vragen" not in page.words
    assert re.search(
        r"Carla Smit [^,]*, [^,]*, voor het gesprek",
        client_of("noor").get(f"/verslagen/{number}/gelezen").words,
    )


def test_noor_reads_her_own_and_nothing_is_noted(client_of, make_report, url_ids):
    number = make_report("closed")
    noor, before = client_of("noor"), client_of("noor").get(f"/verslagen/{number}/gelezen").words
    address = "/rondes/{round}/boekje".format(**url_ids)
    assert address in noor.get("/").links()
    page = noor.get(address)
    assert "Mooi uitgelegd." in page.words
    assert "Geheim" not in page.words
    assert noor.get(f"/verslagen/{number}/gelezen").words == before
    client_of("sam").get(address, status=409)


def test_a_reopened_report_shows_what_was_answered_and_no_draft(client_of, make_report, url_ids):
    number = make_report("reopened")
    noor = client_of("noor")
    noor.get(WRITE.format(number))
    noor.post(WRITE.format(number), fields(noor.page, **{"begrijp--text": "Een nieuw begin."}))
    assert "Een nieuw begin." in noor.get(WRITE.format(number)).html
    assert "Een nieuw begin." not in noor.get("/rondes/{round}/boekje".format(**url_ids)).words


def test_who_reads_at_home_gets_what_was_shared_and_noor_sees_that(
    client_of, cast, make_report, url_ids
):
    number, address = (
        make_report("closed"),
        "/kinderen/{noor}/ronde/{round}/boekje".format(**url_ids),
    )
    client_of("fatima").get(address, status=404)
    noor = client_of("noor")
    noor.get(f"/verslagen/{number}/delen")
    noor.post(f"/verslagen/{number}/delen", {"whom": str(cast.people["fatima"])})
    page = client_of("fatima").get(address)
    assert "Mooi uitgelegd." in page.words
    assert "Geheim" not in page.words
    assert re.search(
        r"Fatima Amrani [^,]*, [^,]*, om mee te lezen",
        noor.get(f"/verslagen/{number}/gelezen").words,
    )
    for name in ("hassan", "karin", "sam", "bakker"):
        client_of(name).get(address, status=404)


def test_a_photo_comes_through_trust_and_a_sound_can_be_heard(
    client_of, app, cast, report_with_photo, url_ids
):
    with app.app_context():
        report, teacher = session().get(Report, 1), cast.actor("dewit")
        report_loading.load(report.id, by=teacher, at=NOW)
        revisions.save(
            report,
            ANSWER,
            action=Action.WRITE_ANSWER,
            base_version=2**62,
            save_key=None,
            by=teacher,
            at=NOW,
        )
        report.answer(by=teacher, at=NOW)
        commit()
        session().close()
    page = client_of("smit").get(MENTOR.format(**url_ids))
    (photo,) = (picture for picture in page.all("img") if report_with_photo in picture["src"])
    assert client_of("smit").client.get(photo["src"]).mimetype == "image/jpeg"
    client_of("visser").get("/")
    client_of("visser").get(photo["src"], status=404)
    with app.app_context():
        made = edge_case_booklets.short_booklet(store_file=None)
        sound, sections = (
            EvidenceView("s" * 22, MediaKind.SOUND, "audio/mp4", 0, 0),
            made.reports[0].sections,
        )
        own = {"text": "Luister.", "evidence": sound.key, f"caption.{sound.key}": "Mijn liedje"}
        heard = replace(
            made.reports[0],
            sections=(replace(sections[0], student_content=own),),
            evidence_by_key={sound.key: sound},
        )
        html = on_screen(
            replace(made, reports=(heard,)), evidence_url=lambda report, key: f"/{report}/{key}"
        )
        paper = print_html(replace(made, reports=(heard,)))
    assert f'<audio controls preload="none" src="/21/{sound.key}" aria-label="Mijn liedje">' in html
    assert re.search(
        r'Mijn liedje <span class="quiet">\(geluid; te beluisteren in Reflect\)', paper
    )
