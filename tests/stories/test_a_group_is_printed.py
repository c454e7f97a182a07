"""Printing a group takes a while: how far it is in words, the file for who asked, and everybody who is in it knows."""

import io
import shutil
import threading
import zipfile
from dataclasses import replace
from datetime import timedelta

import pikepdf
import pytest
import sqlalchemy as sa

from reflect.jobs import printing, prints, room
from reflect.jobs.prints import Came, PrintJob, PrintMember, Stage
from reflect.report.report import Revision, Voice
from reflect.school.ties import Mentoring
from reflect.store import keep, session
from tests.cast import NOW, TODAY
from tests.test_server import until


@pytest.fixture
def group(cast):
    return f"/mentorgroepen/{cast.group}"


@pytest.fixture
def asked(as_, cast, told, group):
    """Ms Smit has asked to print Noor and Sam; gives the page's address and both reports."""
    numbers = {"noor": told("answered"), "sam": told("closed", student="sam")}

    def ask(kind="merged", shape="booklet"):
        as_("smit").get(group)
        fields = {"kind": kind, "shape": shape}
        answer = as_("smit").post(f"{group}/ronde/{cast.round}/afdrukken", fields, status=303, follow=False)
        return answer.headers["Location"]

    ask.numbers = numbers
    return ask


@pytest.fixture
def work(app):
    """Take the steps of a print, as the queue would; `upto` leaves the rest."""

    def take(address, *, upto=None, **settings):
        key, house = address.rsplit("/", 1)[-1], replace(app.extensions["reflect"], **settings)
        with app.app_context():
            for step in printing.steps(key)[:upto]:
                printing.do(key, step, house=house)
            session().close()

    return take


def stage(app, address):
    with app.app_context():
        return session().scalar(sa.select(PrintJob.stage).where(PrintJob.key == address.rsplit("/", 1)[-1]))


def readings(as_, name, number):
    return as_(name).get(f"/verslagen/{number}/gelezen").words.count("Carla Smit")


def test_the_page_says_how_far_it_is_and_then_gives_the_file(as_, asked, work, group):
    smit, address = as_("smit"), asked()
    assert "begint zo" in smit.get(address).words
    work(address, upto=1)
    page = smit.get(address)
    assert "Afgedrukt: 1 van de 2 leerlingen" in page.words
    assert page.all("progress") == [{"max": "2", "value": "1", "aria-labelledby": "how-far"}]
    assert 'http-equiv="refresh"' in page.html, "without scripts the page looks again by itself"
    told = smit.client.get(address, headers={"Accept": "application/json"}).json
    assert told == {"going": True, "done": 1, "all": 2, "sentence": "Afgedrukt: 1 van de 2 leerlingen."}
    assert address in smit.get(group).links(), "who closed the page finds it again"
    work(address)
    page = smit.get(address)
    assert "klaar" in page.words
    assert "refresh" not in page.html
    file = smit.client.get(f"{address}/bestand")
    assert file.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(file.data)) as pdf:
        assert "/StructTreeRoot" in pdf.Root
        assert len(pdf.pages) >= 4


def test_a_zip_has_a_pdf_for_each_student(as_, asked, work):
    address = asked("zip")
    work(address)
    file = as_("smit").client.get(f"{address}/bestand")
    names = zipfile.ZipFile(io.BytesIO(file.data)).namelist()
    assert names == ["klas-2b-noor-el-amrani.pdf", "klas-2b-sam-jansen.pdf"]


def test_a_sheet_for_each_student_in_one_file_or_apart(as_, asked, work):
    address = asked(shape="sheet")
    assert address not in (asked(), asked("zip", "sheet")), "another shape is another print"
    work(address)
    file = as_("smit").client.get(f"{address}/bestand")
    assert "2b-een-vel.pdf" in file.headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(file.data)) as pdf:
        assert len(pdf.pages) == 4
    apart = asked("zip", "sheet")
    work(apart)
    page = as_("smit").get(apart)
    assert "zip" in page.words
    file = as_("smit").client.get(f"{apart}/bestand")
    names = zipfile.ZipFile(io.BytesIO(file.data)).namelist()
    assert names == ["klas-2b-noor-el-amrani-een-vel.pdf", "klas-2b-sam-jansen-een-vel.pdf"]


def test_everybody_in_it_gets_one_reading_when_the_text_is_read_and_not_before(as_, asked, work):
    address = asked()
    assert readings(as_, "noor", asked.numbers["noor"]) == 0, "asking reads nothing"
    work(address, upto=1)
    assert readings(as_, "noor", asked.numbers["noor"]) == 1
    assert readings(as_, "sam", asked.numbers["sam"]) == 0
    work(address)
    for name, number in asked.numbers.items():
        assert readings(as_, name, number) == 1


def test_a_step_taken_again_after_a_kill_is_the_same_reading(as_, app, asked, work):
    """Killed between the reading and the pages: the step begins anew, and Noor sees one print."""
    address = asked()
    work(address, upto=1)
    with app.app_context():
        session().execute(sa.update(PrintMember).values(came=Came.WAITING))
        keep()
        session().close()
    work(address, upto=1)
    assert readings(as_, "noor", asked.numbers["noor"]) == 1


def test_another_print_is_another_reading(as_, asked, work, clock):
    for _ in range(2):
        work(asked())
        clock.shift(timedelta(minutes=1))
    assert readings(as_, "noor", asked.numbers["noor"]) == 2


def test_asking_twice_while_it_goes_on_is_asking_once(asked, work):
    first = asked()
    assert asked() == first
    assert asked("zip") != first
    work(first)
    assert asked() != first


def test_only_who_asked_can_look_fetch_or_stop(as_, asked, work):
    address = asked()
    work(address)
    for name in ("visser", "noor", "dewit", "beheer"):
        as_(name).get("/")
        as_(name).get(address, status=404)
        as_(name).get(f"{address}/bestand", status=404)
        as_(name).post(f"{address}/stoppen", status=404)
    assert as_("nobody").client.get(address).status_code == 303


def test_who_is_no_mentor_any_more_prints_and_fetches_nothing(as_, app, cast, asked, work):
    address = asked()
    with app.app_context():
        session().execute(sa.update(Mentoring).values(ends_on=TODAY))
        keep()
        session().close()
    work(address)
    with app.app_context():
        assert set(session().scalars(sa.select(PrintMember.came))) == {Came.NOT_YOURS}
    as_("smit").get(address, status=404)
    assert readings(as_, "noor", asked.numbers["noor"]) == 0


def test_a_stopped_print_goes_no_further(as_, app, asked, work):
    smit, address = as_("smit"), asked()
    work(address, upto=1)
    smit.get(address)
    assert "gestopt" in smit.post(f"{address}/stoppen").words
    work(address)
    assert stage(app, address) is Stage.STOPPED
    assert readings(as_, "sam", asked.numbers["sam"]) == 0
    smit.get(f"{address}/bestand", status=404)


def test_a_student_whose_pages_fail_is_named_with_the_reason_and_the_rest_is_delivered(as_, app, asked, work):
    address = asked("zip")
    with app.app_context():
        endless = {"text": "\n\n".join(["woord " * 300] * 200)}
        mine = sa.update(Revision).where(Revision.report_id == asked.numbers["noor"], Revision.section == "begrijp")
        session().execute(mine.where(Revision.voice == Voice.STUDENT).values(content=endless))
        keep()
        session().close()
    work(address, upto=1, print_seconds=2)
    work(address)
    page = as_("smit").get(address)
    assert "Noor el Amrani : Het afdrukken duurde te lang en is gestopt." in page.words
    file = as_("smit").client.get(f"{address}/bestand")
    assert zipfile.ZipFile(io.BytesIO(file.data)).namelist() == ["klas-2b-sam-jansen.pdf"]


def test_files_are_removed_after_a_day_and_the_page_says_so(as_, app, asked, work, clock, tmp_path):
    address = asked()
    work(address)
    kept = tmp_path / "evidence"
    assert len(list(kept.glob("print.*"))) == 1, "the pages of each are not kept beside the whole"
    clock.shift(timedelta(hours=23))
    sweep(app, NOW + timedelta(hours=23))
    assert list(kept.glob("print.*"))
    sweep(app, NOW + timedelta(hours=25))
    assert not list(kept.glob("print.*"))
    clock.shift(timedelta(hours=-23))
    assert "lang genoeg bewaard" in as_("smit").get(address).words
    as_("smit").get(f"{address}/bestand", status=404)


def sweep(app, at):
    with app.app_context():
        printing.sweep(house=app.extensions["reflect"], at=at)
        session().close()


def test_on_a_full_disk_it_says_so_kindly_and_goes_on_when_there_is_room(as_, app, asked, work, monkeypatch):
    smit, address, free = as_("smit"), asked(), threading.Event()
    really = shutil.disk_usage
    nearly_full = lambda path: really(path)._replace(free=really(path).free if free.is_set() else 5_000_000)  # noqa: E731 - a disk
    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    monkeypatch.setattr(room, "_AGAIN", 0.05)
    waits = threading.Thread(target=work, args=(address,))
    waits.start()
    until(lambda: stage(app, address) is Stage.NO_ROOM)
    page = smit.get(address)
    assert "De schijf van de school is bijna vol" in page.words
    assert readings(as_, "noor", asked.numbers["noor"]) == 0, "what cannot be printed is not read"
    free.set()
    waits.join()
    assert stage(app, address) is Stage.READY
    assert smit.client.get(f"{address}/bestand").status_code == 200


def test_a_print_that_waits_for_room_can_be_stopped(as_, app, asked, work, monkeypatch):
    smit, address = as_("smit"), asked()
    monkeypatch.setattr(room, "_AGAIN", 0.05)
    waits = threading.Thread(target=work, args=(address,), kwargs={"print_room_mb": 10**9})
    waits.start()
    until(lambda: stage(app, address) is Stage.NO_ROOM)
    smit.get(address)
    smit.post(f"{address}/stoppen")
    waits.join()
    assert stage(app, address) is Stage.STOPPED


def test_every_stage_and_reason_has_its_sentence():
    assert set(prints.REASONS) == set(Came) - {Came.WAITING, Came.PRINTED}
