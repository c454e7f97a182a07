"""A student takes everything along: it is whole, opens without a network, and is nobody else's."""

import io
import json
import re
import shutil
import zipfile
from datetime import timedelta

import pikepdf
import pymupdf
import pytest

from reflect import passage, places
from reflect.__main__ import main
from reflect.jobs import taking
from reflect.paper import takeout
from reflect.report import remark, writing
from reflect.report.form import keep_form
from reflect.report.life import Verb
from reflect.report.report import CLOSING
from reflect.report.round import RoundCourse
from reflect.store import keep, session
from reflect.trust import read
from tests.cast import NOW
from tests.conftest import ANSWER, LAST, TEXTS, live
from tests.stories.test_a_student_shows_evidence import shown

__all__ = ["shown"]


LADDER = """
## Waar staan we? {#staan}

[woorden van docent]: nieuw = Dit is nog nieuw | zelf = Dit lukt zelf
"""


@pytest.fixture
def packed(as_, app, told):
    """Noor has asked for her file, and the worker has packed it; gives the address."""

    def pack():
        noor = as_("noor")
        noor.get("/meenemen")
        noor.post("/meenemen")
        assert "wordt ingepakt" in noor.page.words
        with app.app_context():
            (key,) = [key for key, _ in taking.going()]
            for step in taking.steps(key):
                taking.do(key, step, house=app.extensions["reflect"])
            session().close()
        return next(link for link in noor.get("/meenemen").links() if link.startswith("/meenemen/"))

    return pack


def opened(answer):
    assert answer.mimetype == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_everything_is_in_it_also_what_only_noor_could_see(as_, told, packed):
    told("closed")
    archive = opened(as_("noor").client.get(packed()))
    assert archive.namelist() == ["index.html", "style.css", "record.json", "pdf/herfst.pdf"]
    record = json.loads(archive.read("record.json"))
    assert record["schema"] == takeout.SCHEMA
    (report,) = record["reports"]
    texts = {section["key"]: section for section in report["sections"]}
    for key, content in TEXTS.items():
        assert texts[key]["student"].items() >= content.items(), "every text as it was typed"
    assert texts["gevoel"]["private"]
    assert texts["begrijp"]["teacher"] == ANSWER["begrijp"]["text"]
    assert report["answer"] == ANSWER["overall"]
    assert report["goals"] == [{"goal": "Haakjes schrijven", "notice": "geen minfouten"}]
    assert report["last_word"] == LAST[CLOSING]["word"]
    assert {one["section"] for one in report["versions"]} >= set(TEXTS)
    assert [one["step"] for one in report["steps"]] == ["hand_in", "answer", "close"]
    assert {one["who"] for one in report["readings"]} == {"Marleen de Wit"}
    page = archive.read("index.html").decode()
    for words in ("haal je links en rechts", "Geheim: ik was zenuwachtig", "Mooi uitgelegd", "Haakjes schrijven"):
        assert words in page
    with pikepdf.open(io.BytesIO(archive.read("pdf/herfst.pdf"))) as pdf:
        assert "/StructTreeRoot" in pdf.Root


def test_the_page_opens_without_a_network_and_without_a_script(as_, told, packed):
    told("closed")
    archive = opened(as_("noor").client.get(packed()))
    page = archive.read("index.html").decode() + archive.read("style.css").decode()
    assert not re.search(r"https?://(?!www\.w3\.org/)|<script|url\(|@import", page)
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert address in archive.namelist()


def test_remarks_and_words_of_a_ladder_come_along(as_, app, cast, packed):
    about = {"section": "begrijp", "field": "text", "quote": "geeft $x=4$", "before": "", "after": "", "start": "60"}
    gone = {**about, "quote": "heel iets anders", "text": "Waar bleef dit?"}
    in_words = {"a.goal": "Vergelijkingen", "a.word": "zelf", "a.evidence": "Opgave 31 klopt."}
    with app.app_context():
        form = (places.FORMS / "wiskunde-periode.nl.md").read_text("utf-8") + LADDER
        session().get(RoundCourse, (cast.round, cast.course)).form_id = keep_form(form, slug="ladder", at=NOW).id
        report, teacher = live(cast, "handed_in", student="noor", course=cast.course, at=NOW), cast.me("dewit")
        read.read(report.id, by=teacher, at=NOW)
        told = {remark.section_of("k" * 22): {**about, "text": "Hoe *weet* je dat?"}, remark.section_of("g" * 22): gone,
                "overall": {"seen": "Mooi."}, "staan": in_words}  # fmt: skip
        writing.save(report, told, verb=Verb.WRITE_ANSWER, version=2**62, key=None, by=teacher, at=NOW)
        report.answer(by=teacher, at=NOW)
        keep()
        session().close()
    archive = opened(as_("noor").client.get(packed()))
    record = json.loads(archive.read("record.json"))
    assert record["version"] == takeout.VERSION
    (report,) = record["reports"]
    found, lost = report["remarks"]
    assert {name: found[name] for name in ("number", "section", "field", "text")} == {
        "number": 1, "section": "begrijp", "field": "text", "text": "Hoe *weet* je dat?"}  # fmt: skip
    begins, ends = found["span"]
    assert passage.read(TEXTS["begrijp"]["text"])[begins:ends] == found["quote"] == "geeft $x=4$"
    assert (lost["span"], lost["quote"]) == (None, "heel iets anders")
    assert report["in_words"] == [{"key": "staan", "prompt": "Waar staan we?", "teacher": in_words,
                                   "words": {"nieuw": "Dit is nog nieuw", "zelf": "Dit lukt zelf"}}]  # fmt: skip
    page = archive.read("index.html").decode()
    assert re.search(
        rf'<mark id="passage-{"k" * 22}">geeft <math.*?</mark><sup class="remark-ref"><a href="#remark\.', page
    )
    assert f'<li id="remark.{"k" * 22}" value="1">' in page
    for words in (
        "Hoe <em>weet</em> je dat?",
        "Waar bleef dit?",
        "heel iets anders",
        "Waar staan we?",
        "Dit lukt zelf",
    ):
        assert words in page


def test_the_booklet_has_a_cover_of_its_own_and_no_lines_for_a_talk(as_, told, packed):
    told("closed")
    archive = opened(as_("noor").client.get(packed()))
    with pymupdf.open(stream=archive.read("pdf/herfst.pdf")) as pdf:
        cover, last = pdf[0].get_text(), pdf[-1].get_text()
    assert "alles wat ik schreef in Herfst, meegenomen op dinsdag 24 november 2026" in " ".join(cover.split())
    assert "voor het gesprek" not in cover
    assert "Aan tafel" not in cover
    assert "Haakjes schrijven" in last
    assert "Wij spreken af" not in last


def test_a_photo_comes_along_with_its_caption(as_, shown, packed):
    archive = opened(as_("noor").client.get(packed()))
    (report,) = json.loads(archive.read("record.json"))["reports"]
    name = report["evidence"][shown]
    assert archive.read(name).startswith(b"\xff\xd8")
    assert f'<img src="{name}" alt="Mijn getallenlijn">' in archive.read("index.html").decode()


def test_a_draft_is_taken_along_but_not_printed(as_, told, packed):
    told("draft")
    archive = opened(as_("noor").client.get(packed()))
    assert "pdf/herfst.pdf" not in archive.namelist()
    assert "Geheim" in archive.read("index.html").decode()


def test_taking_along_is_no_reading_and_shows_nobody_elses(as_, told, packed):
    number = told("closed")
    told("closed", student="sam")
    before = as_("noor").get(f"/verslagen/{number}/gelezen").words
    archive = opened(as_("noor").client.get(packed()))
    assert len(json.loads(archive.read("record.json"))["reports"]) == 1
    assert "Sam Jansen" not in archive.read("index.html").decode()
    assert as_("noor").get(f"/verslagen/{number}/gelezen").words == before


def test_only_noor_fetches_it_and_only_for_a_day(as_, app, told, packed):
    told("closed")
    address = packed()
    for name in ("sam", "smit", "dewit", "fatima", "beheer"):
        as_(name).get("/")
        as_(name).get(address, status=404)
    with app.app_context():
        taking.sweep(house=app.extensions["reflect"], at=NOW + timedelta(hours=25))
        session().close()
    as_("noor").get(address, status=404)
    assert address not in as_("noor").get("/meenemen").links()


def test_asking_twice_is_asking_once(as_, app, told):
    told("closed")
    noor = as_("noor")
    for _ in range(2):
        noor.get("/meenemen")
        noor.post("/meenemen")
    with app.app_context():
        assert len(taking.going()) == 1


def test_a_group_that_leaves_gets_a_file_for_each_and_again_makes_only_what_is_missing(
    tmp_path, monkeypatch, cast, app
):
    with app.app_context():
        live(cast, "closed", student="noor", course=cast.course, at=NOW)
        keep()
        session().close()
    monkeypatch.setenv("REFLECT_DATA", str(tmp_path))
    monkeypatch.setenv("REFLECT_SETTINGS", str(tmp_path / "reflect.env"))
    out = tmp_path / "leavers"
    command = ["take-along", "--group", "2b", "--out", str(out)]
    assert main(command) == 0
    names = sorted(path.name for path in out.iterdir())
    assert [re.sub(r"\d+\.zip", "", name) for name in names] == ["2b-noor-el-amrani-", "2b-sam-jansen-"]
    first = (out / names[0]).stat().st_mtime_ns
    (out / names[1]).unlink()
    assert main(command) == 0
    assert (out / names[0]).stat().st_mtime_ns == first
    assert (out / names[1]).exists()
    shutil.rmtree(out)
    assert main(["take-along", "--group", "geen", "--out", str(out)]) == 1
