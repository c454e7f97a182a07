"""The booklet on a screen: the words and order of the paper, each reading noted, evidence as it sounds."""

import re
from dataclasses import replace

import pytest

from reflect.paper.on_screen import booklet as on_screen
from reflect.report import writing
from reflect.report.life import Verb
from reflect.report.report import Report
from reflect.store import keep, session
from reflect.trust import read
from reflect.trust.seen import Kind, Piece
from reflect.vault import vault
from tests.cast import NOW
from tests.conftest import ANSWER
from tests.page import Page
from tests.press import odd_booklets
from tests.press.conftest import pages
from tests.stories.test_a_student_shows_evidence import shown
from tests.stories.test_a_student_writes import WRITE, fields

__all__ = ["shown"]
MENTOR = "/mentorgroepen/{group}/ronde/{round}/leerlingen/{noor}/boekje"


@pytest.fixture
def places(cast):
    return {"group": cast.group, "round": cast.round, "noor": cast.people["noor"]}


def said(html):
    """Give the words of a booklet in their order, and each formula and each photo as one word."""
    html = re.sub(r'<img class="formula[^>]*>|<math.*?</math>', " FORMULA ", html, flags=re.DOTALL)
    html = re.sub(r'<img src="[^"]*" alt="([^"]*)"[^>]*>', r" PHOTO \1 ", html)
    return Page(html[html.index('<section class="cover">') :]).words


@pytest.mark.parametrize("name", odd_booklets.ALL)
def test_the_words_and_their_order_are_those_of_the_paper(app, name):
    with app.app_context():
        made = odd_booklets.ALL[name](
            keep=lambda key, content: vault(app.extensions["reflect"].evidence).put(key, content)
        )
        screen = on_screen(made, address=lambda report, key: f"/{report}/{key}")
        paper = pages(made)
    if name == "hard":  # what is too wide for a page stands there as typed
        paper = re.sub(r'<code class="formula-as-typed">1\+2.*?</code>', " FORMULA ", paper)
    assert said(screen) == said(paper)


def test_a_mentor_reads_it_and_noor_sees_that(as_, told, places):
    number = told("closed")
    mentor, address = as_("smit"), MENTOR.format(**places)
    assert address in mentor.get("/mentorgroepen/{group}/leerlingen/{noor}".format(**places)).links()
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
    assert re.search(r"Carla Smit [^,]*, op het scherm", as_("noor").get(f"/verslagen/{number}/gelezen").words)


def test_noor_reads_her_own_and_nothing_is_noted(as_, told, places):
    number = told("closed")
    noor, before = as_("noor"), as_("noor").get(f"/verslagen/{number}/gelezen").words
    address = "/rondes/{round}/boekje".format(**places)
    assert address in noor.get("/").links()
    page = noor.get(address)
    assert "Mooi uitgelegd." in page.words
    assert "Geheim" not in page.words
    assert noor.get(f"/verslagen/{number}/gelezen").words == before
    as_("sam").get(address, status=409)


def test_a_reopened_report_shows_what_was_answered_and_no_draft(as_, told, places):
    number = told("reopened")
    noor = as_("noor")
    noor.get(WRITE.format(number))
    noor.post(WRITE.format(number), fields(noor.page, **{"begrijp--text": "Een nieuw begin."}))
    assert "Een nieuw begin." in noor.get(WRITE.format(number)).html
    assert "Een nieuw begin." not in noor.get("/rondes/{round}/boekje".format(**places)).words


def test_who_reads_at_home_gets_what_was_shared_and_noor_sees_that(as_, cast, told, places):
    number, address = told("closed"), "/kinderen/{noor}/ronde/{round}/boekje".format(**places)
    as_("fatima").get(address, status=404)
    noor = as_("noor")
    noor.get(f"/verslagen/{number}/delen")
    noor.post(f"/verslagen/{number}/delen", {"whom": str(cast.people["fatima"])})
    page = as_("fatima").get(address)
    assert "Mooi uitgelegd." in page.words
    assert "Geheim" not in page.words
    assert re.search(r"Fatima Amrani [^,]*, op het scherm", noor.get(f"/verslagen/{number}/gelezen").words)
    for name in ("hassan", "karin", "sam", "bakker"):
        as_(name).get(address, status=404)


def test_a_photo_comes_through_trust_and_a_sound_can_be_heard(as_, app, cast, shown, places):
    with app.app_context():
        report, teacher = session().get(Report, 1), cast.me("dewit")
        read.read(report.id, by=teacher, at=NOW)
        writing.save(report, ANSWER, verb=Verb.WRITE_ANSWER, version=2**62, key=None, by=teacher, at=NOW)
        report.answer(by=teacher, at=NOW)
        keep()
        session().close()
    page = as_("smit").get(MENTOR.format(**places))
    (photo,) = (picture for picture in page.all("img") if shown in picture["src"])
    assert as_("smit").client.get(photo["src"]).mimetype == "image/jpeg"
    as_("visser").get("/")
    as_("visser").get(photo["src"], status=404)
    with app.app_context():
        made = odd_booklets.short(keep=None)
        sound, said = Piece("s" * 22, Kind.SOUND, "audio/mp4", 0, 0), made.reports[0].said
        own = {"text": "Luister.", "evidence": sound.key, f"caption.{sound.key}": "Mijn liedje"}
        heard = replace(made.reports[0], said=(replace(said[0], student=own),), pieces={sound.key: sound})
        html = on_screen(replace(made, reports=(heard,)), address=lambda report, key: f"/{report}/{key}")
        paper = pages(replace(made, reports=(heard,)))
    assert f'<audio controls preload="none" src="/21/{sound.key}" aria-label="Mijn liedje">' in html
    assert re.search(r'Mijn liedje <span class="quiet" lang="nl">\(geluid; te beluisteren in Reflect\)', paper)
