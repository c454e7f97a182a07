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
import sqlalchemy as sa

from reflect import paths
from reflect.access import report_loading
from reflect.cli.root import main
from reflect.db.session import commit, session
from reflect.jobs import export_jobs
from reflect.printing import export
from reflect.reports import annotations, revisions
from reflect.reports.evidence import Evidence
from reflect.reports.forms import save_form
from reflect.reports.report import CLOSING
from reflect.reports.rounds import RoundCourse
from reflect.reports.workflow import Action
from reflect.storage import blob_store
from reflect.text import highlights
from tests.cast import NOW
from tests.conftest import ANSWER, CLOSING_TEXTS, TEXTS, report_in_state
from tests.stories.test_a_student_shows_evidence import report_with_photo

__all__ = ["report_with_photo"]


LADDER = """
## Waar staan we? {#staan}

[woorden van docent]: nieuw = Dit is nog nieuw | zelf = Dit lukt zelf
"""


@pytest.fixture
def packed_export(client_of, app, make_report):
    """Noor has asked for her file, and the worker has packed it; gives the address."""

    def pack():
        noor = client_of("noor")
        noor.get("/meenemen")
        noor.post("/meenemen")
        assert "wordt ingepakt" in noor.page.words
        with app.app_context():
            (key,) = [key for key, _ in export_jobs.jobs_in_progress()]
            for step in export_jobs.list_steps(key):
                export_jobs.run_step(key, step, settings=app.extensions["reflect"])
            session().close()
        return next(link for link in noor.get("/meenemen").links() if link.startswith("/meenemen/"))

    return pack


def opened(answer):
    assert answer.mimetype == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.data))


def test_everything_is_in_it_also_what_only_noor_could_see(client_of, make_report, packed_export):
    make_report("closed")
    archive = opened(client_of("noor").client.get(packed_export()))
    assert archive.namelist() == ["index.html", "style.css", "record.json", "pdf/herfst.pdf"]
    record = json.loads(archive.read("record.json"))
    assert record["schema"] == export.EXPORT_SCHEMA
    (report,) = record["reports"]
    texts = {section["key"]: section for section in report["sections"]}
    for key, content in TEXTS.items():
        assert texts[key]["student"].items() >= content.items(), "every text as it was typed"
    assert texts["gevoel"]["private"]
    assert texts["begrijp"]["teacher"] == ANSWER["begrijp"]["text"]
    assert report["answer"] == ANSWER["overall"]
    assert report["goals"] == [{"goal": "Haakjes schrijven", "notice": "geen minfouten"}]
    assert report["last_word"] == CLOSING_TEXTS[CLOSING]["word"]
    assert {one["section"] for one in report["versions"]} >= set(TEXTS)
    assert [one["step"] for one in report["steps"]] == ["hand_in", "answer", "close"]
    assert {one["who"] for one in report["readings"]} == {"Marleen de Wit"}
    page = archive.read("index.html").decode()
    for words in (
        "haal je links en rechts",
        "Geheim: ik was zenuwachtig",
        "Mooi uitgelegd",
        "Haakjes schrijven",
    ):
        assert words in page
    with pikepdf.open(io.BytesIO(archive.read("pdf/herfst.pdf"))) as pdf:
        assert "/StructTreeRoot" in pdf.Root


def test_the_page_opens_without_a_network_and_without_a_script(
    client_of, make_report, packed_export
):
    make_report("closed")
    archive = opened(client_of("noor").client.get(packed_export()))
    page = archive.read("index.html").decode() + archive.read("style.css").decode()
    assert not re.search(r"https?://(?!www\.w3\.org/)|<script|url\(|@import", page)
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert address in archive.namelist()


def test_remarks_and_words_of_a_ladder_come_along(client_of, app, cast, packed_export):
    about = {
        "section": "begrijp",
        "field": "text",
        "quote": "geeft $x=4$",
        "before": "",
        "after": "",
        "start": "60",
    }
    gone = {**about, "quote": "heel iets anders", "text": "Waar bleef dit?"}
    in_words = {"a.goal": "Vergelijkingen", "a.word": "zelf", "a.evidence": "Opgave 31 klopt."}
    with app.app_context():
        form = (paths.FORMS / "wiskunde-periode.nl.md").read_text("utf-8") + LADDER
        session().get(RoundCourse, (cast.round, cast.course)).form_id = save_form(
            form, slug="ladder", at=NOW
        ).id
        report, teacher = (
            report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW),
            cast.actor("dewit"),
        )
        report_loading.load(report.id, by=teacher, at=NOW)
        submitted = {
            annotations.section_name("k" * 22): {**about, "text": "Hoe *weet* je dat?"},
            annotations.section_name("g" * 22): gone,
            "overall": {"seen": "Mooi."},
            "staan": in_words,
        }
        revisions.save(
            report,
            submitted,
            action=Action.WRITE_ANSWER,
            base_version=2**62,
            save_key=None,
            by=teacher,
            at=NOW,
        )
        report.answer(by=teacher, at=NOW)
        commit()
        session().close()
    archive = opened(client_of("noor").client.get(packed_export()))
    record = json.loads(archive.read("record.json"))
    assert record["version"] == export.EXPORT_VERSION
    (report,) = record["reports"]
    found, lost = report["remarks"]
    assert {name: found[name] for name in ("number", "section", "field", "text")} == {
        "number": 1,
        "section": "begrijp",
        "field": "text",
        "text": "Hoe *weet* je dat?",
    }
    begins, ends = found["span"]
    assert (
        highlights.visible_text(TEXTS["begrijp"]["text"])[begins:ends]
        == found["quote"]
        == "geeft $x=4$"
    )
    assert (lost["span"], lost["quote"]) == (None, "heel iets anders")
    assert report["in_words"] == [
        {
            "key": "staan",
            "prompt": "Waar staan we?",
            "teacher": in_words,
            "words": {"nieuw": "Dit is nog nieuw", "zelf": "Dit lukt zelf"},
        }
    ]
    page = archive.read("index.html").decode()
    assert re.search(
        rf'<mark id="passage-{"k" * 22}">geeft <math.*?</mark>'
        r'<sup class="remark-ref"><a href="#remark\.',
        page,
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


def test_the_booklet_has_a_cover_of_its_own_and_no_lines_for_a_talk(
    client_of, make_report, packed_export
):
    make_report("closed")
    archive = opened(client_of("noor").client.get(packed_export()))
    with pymupdf.open(stream=archive.read("pdf/herfst.pdf")) as pdf:
        cover, last = pdf[0].get_text(), pdf[-1].get_text()
    assert "alles wat ik schreef in Herfst, meegenomen op dinsdag 24 november 2026" in " ".join(
        cover.split()
    )
    assert "voor het gesprek" not in cover
    assert "Aan tafel" not in cover
    assert "Haakjes schrijven" in last
    assert "Wij spreken af" not in last


def test_a_photo_comes_along_with_its_caption(client_of, report_with_photo, packed_export):
    archive = opened(client_of("noor").client.get(packed_export()))
    (report,) = json.loads(archive.read("record.json"))["reports"]
    name = report["evidence"][report_with_photo]
    assert archive.read(name).startswith(b"\xff\xd8")
    assert f'<img src="{name}" alt="Mijn getallenlijn">' in archive.read("index.html").decode()


def test_a_lost_photo_is_told_on_the_page_and_in_the_export_which_has_all_the_rest(
    client_of, app, report_with_photo, packed_export
):
    """The disk lost the file, or a backup came back without it: the export ends all the same."""
    with app.app_context():
        row = session().scalars(sa.select(Evidence).where(Evidence.key == report_with_photo)).one()
        for name in row.blob_names:
            blob_store(app.extensions["reflect"].evidence).delete(name)
        session().close()
    for reader in ("noor", "dewit"):
        page = client_of(reader).get(f"/verslagen/1/bewijs/{report_with_photo}", status=410)
        assert "Dit bestand is er nu niet" in page.words
    listed = client_of("noor").get("/verslagen/1/gelezen").words
    assert "Marleen de Wit" not in listed, "a reading that nobody did"
    archive = opened(client_of("noor").client.get(packed_export()))
    (report,) = json.loads(archive.read("record.json"))["reports"]
    assert report["lost_evidence"] == [report_with_photo]
    assert report["evidence"] == {}
    assert not [name for name in archive.namelist() if name.startswith("evidence/")]
    page = archive.read("index.html").decode()
    assert re.search(r"Mijn getallenlijn <em[^>]*>\(Dit bestand is verloren gegaan\.\)</em>", page)
    assert "Kijk naar de foto." in page
    assert archive.read("pdf/herfst.pdf").startswith(b"%PDF")


def test_a_draft_is_taken_along_but_not_printed(client_of, make_report, packed_export):
    make_report("draft")
    archive = opened(client_of("noor").client.get(packed_export()))
    assert "pdf/herfst.pdf" not in archive.namelist()
    assert "Geheim" in archive.read("index.html").decode()


def test_taking_along_is_no_reading_and_shows_nobody_elses(client_of, make_report, packed_export):
    number = make_report("closed")
    make_report("closed", student="sam")
    before = client_of("noor").get(f"/verslagen/{number}/gelezen").words
    archive = opened(client_of("noor").client.get(packed_export()))
    assert len(json.loads(archive.read("record.json"))["reports"]) == 1
    assert "Sam Jansen" not in archive.read("index.html").decode()
    assert client_of("noor").get(f"/verslagen/{number}/gelezen").words == before


def test_only_noor_fetches_it_and_only_for_a_day(client_of, app, make_report, packed_export):
    make_report("closed")
    address = packed_export()
    for name in ("sam", "smit", "dewit", "fatima", "beheer"):
        client_of(name).get("/")
        client_of(name).get(address, status=404)
    with app.app_context():
        export_jobs.remove_expired_exports(
            settings=app.extensions["reflect"], at=NOW + timedelta(hours=25)
        )
        session().close()
    client_of("noor").get(address, status=404)
    assert address not in client_of("noor").get("/meenemen").links()


def test_asking_twice_is_asking_once(client_of, app, make_report):
    make_report("closed")
    noor = client_of("noor")
    for _ in range(2):
        noor.get("/meenemen")
        noor.post("/meenemen")
    with app.app_context():
        assert len(export_jobs.jobs_in_progress()) == 1


def test_a_group_that_leaves_gets_a_file_for_each_and_again_makes_only_what_is_missing(
    tmp_path, monkeypatch, cast, app
):
    with app.app_context():
        report_in_state(cast, "closed", student="noor", course=cast.course, at=NOW)
        commit()
        session().close()
    monkeypatch.setenv("REFLECT_DATA", str(tmp_path))
    monkeypatch.setenv("REFLECT_SETTINGS", str(tmp_path / "reflect.env"))
    monkeypatch.setenv("REFLECT_DATABASE", app.extensions["reflect"].database)
    out = tmp_path / "leavers"
    command = ["export", "students", "--group", "2b", "--out", str(out)]
    assert main(command) == 0
    names = sorted(path.name for path in out.iterdir())
    assert [re.sub(r"\d+\.zip", "", name) for name in names] == [
        "2b-noor-el-amrani-",
        "2b-sam-jansen-",
    ]
    first = (out / names[0]).stat().st_mtime_ns
    (out / names[1]).unlink()
    assert main(command) == 0
    assert (out / names[0]).stat().st_mtime_ns == first
    assert (out / names[1]).exists()
    shutil.rmtree(out)
    assert main(["export", "students", "--group", "geen", "--out", str(out)]) == 1
