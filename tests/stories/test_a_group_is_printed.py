"""Printing a group takes a while: its progress, its file, and what its students see of it."""

import io
import shutil
import threading
import zipfile
from datetime import timedelta

import pikepdf
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from reflect.cli.root import root
from reflect.db.session import commit, session
from reflect.jobs import print_jobs, print_steps
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import MemberStatus, PrintJob, PrintMember
from reflect.reports.report import Revision, Voice
from reflect.school.ties import Membership, Mentoring
from tests.cast import NOW, TODAY
from tests.test_server import until


def stage(app, address):
    with app.app_context():
        return session().scalar(
            sa.select(PrintJob.stage).where(PrintJob.key == address.rsplit("/", 1)[-1])
        )


def readings(client_of, name, number):
    return client_of(name).get(f"/verslagen/{number}/gelezen").words.count("Carla Smit")


@pytest.mark.slow
def test_the_page_says_how_far_it_is_and_then_gives_the_file(
    client_of, print_request, run_print_steps, group
):
    smit, address = client_of("smit"), print_request()
    assert "begint zo" in smit.get(address).words
    run_print_steps(address, upto=1)
    page = smit.get(address)
    assert "Afgedrukt: 1 van de 2 leerlingen" in page.words
    assert page.all("progress") == [{"max": "2", "value": "1", "aria-labelledby": "how-far"}]
    assert 'http-equiv="refresh"' in page.html, "without scripts the page looks again by itself"
    reply = smit.client.get(address, headers={"Accept": "application/json"}).json
    assert reply == {
        "going": True,
        "done": 1,
        "all": 2,
        "sentence": "Afgedrukt: 1 van de 2 leerlingen.",
    }
    assert address in smit.get(group).links(), "who closed the page finds it again"
    run_print_steps(address)
    page = smit.get(address)
    assert "klaar" in page.words
    assert "refresh" not in page.html
    file = smit.client.get(f"{address}/bestand")
    assert file.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(file.data)) as pdf:
        assert "/StructTreeRoot" in pdf.Root
        assert len(pdf.pages) >= 4


@pytest.mark.slow
def test_a_zip_has_a_pdf_for_each_student(client_of, print_request, run_print_steps):
    address = print_request("zip")
    run_print_steps(address)
    file = client_of("smit").client.get(f"{address}/bestand")
    names = zipfile.ZipFile(io.BytesIO(file.data)).namelist()
    assert names == ["herfst-klas-2b-noor-el-amrani.pdf", "herfst-klas-2b-sam-jansen.pdf"]


def test_a_sheet_for_each_student_in_one_file_or_apart(client_of, print_request, run_print_steps):
    address = print_request(shape="sheet")
    assert address not in (print_request(), print_request("zip", "sheet")), (
        "another shape is another print"
    )
    run_print_steps(address)
    file = client_of("smit").client.get(f"{address}/bestand")
    assert "2b-een-vel.pdf" in file.headers["Content-Disposition"]
    with pikepdf.open(io.BytesIO(file.data)) as pdf:
        assert len(pdf.pages) == 4
    apart = print_request("zip", "sheet")
    run_print_steps(apart)
    page = client_of("smit").get(apart)
    assert "zip" in page.words
    file = client_of("smit").client.get(f"{apart}/bestand")
    names = zipfile.ZipFile(io.BytesIO(file.data)).namelist()
    assert names == [
        "herfst-klas-2b-noor-el-amrani-een-vel.pdf",
        "herfst-klas-2b-sam-jansen-een-vel.pdf",
    ]


def fetch(client_of, address):
    return client_of("smit").client.get(f"{address}/bestand")


def students_in(content):
    """Return the names on the bookmarks of a PDF, or in the titles of those in a zip."""
    if content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as pdf, pdf.open_outline() as outline:
            return [str(item.title) for item in outline.root]
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = {"noor": "Noor el Amrani", "sam": "Sam Jansen"}
    # The round and the group stand in front: herfst-klas-2b-sam-jansen.pdf.
    return [names[name.split("-")[3]] for name in archive.namelist()]


def test_everybody_in_it_gets_a_reading_each_time_that_the_file_is_fetched_and_not_before(
    client_of, print_request, run_print_steps, clock
):
    address = print_request()
    run_print_steps(address)
    for name, number in print_request.numbers.items():
        assert readings(client_of, name, number) == 0, "nobody has pages in hand yet"
    for times in (1, 2, 3):
        assert fetch(client_of, address).status_code == 200
        for name, number in print_request.numbers.items():
            assert readings(client_of, name, number) == times
        clock.shift(timedelta(minutes=times - 1))
    listed = client_of("noor").get(f"/verslagen/{print_request.numbers['noor']}/gelezen").words
    assert "Carla Smit vandaag, 's ochtends, afgedrukt" in listed


def test_looking_whether_the_file_is_there_is_no_reading(client_of, print_request, run_print_steps):
    address = print_request()
    run_print_steps(address)
    client_of("smit").get(address)
    smit = client_of("smit").client
    smit.head(f"{address}/bestand")
    smit.get(f"{address}/bestand", headers={"Sec-Purpose": "prefetch"})
    assert readings(client_of, "noor", print_request.numbers["noor"]) == 0


def test_a_student_who_has_left_the_group_sees_that_their_pages_were_fetched(
    client_of, app, cast, print_request, run_print_steps
):
    """The file has their pages for as long as it is kept."""
    address = print_request()
    run_print_steps(address)
    with app.app_context():
        left = sa.update(Membership).where(Membership.person_id == cast.people["sam"])
        session().execute(left.values(ends_on=TODAY))
        commit()
        session().close()
    fetch(client_of, address)
    for name, number in print_request.numbers.items():
        assert readings(client_of, name, number) == 1


def test_a_print_that_is_made_again_from_the_cache_is_a_reading_again(
    client_of, print_request, run_print_steps
):
    for times in (1, 2):
        address = print_request()
        run_print_steps(address)
        assert readings(client_of, "noor", print_request.numbers["noor"]) == times - 1
        fetch(client_of, address)
    assert readings(client_of, "noor", print_request.numbers["noor"]) == 2


def test_a_step_taken_again_after_a_kill_is_no_second_reading(
    client_of, app, print_request, run_print_steps
):
    address = print_request()
    run_print_steps(address, upto=1)
    with app.app_context():
        session().execute(sa.update(PrintMember).values(status=MemberStatus.WAITING))
        commit()
        session().close()
    run_print_steps(address)
    fetch(client_of, address)
    assert readings(client_of, "noor", print_request.numbers["noor"]) == 1


def test_asking_twice_while_it_goes_on_is_asking_once(print_request, run_print_steps):
    first = print_request()
    assert print_request() == first
    assert print_request("zip") != first
    run_print_steps(first)
    assert print_request() != first


def test_only_who_asked_can_look_fetch_or_stop(client_of, print_request, run_print_steps):
    address = print_request()
    run_print_steps(address)
    for name in ("visser", "noor", "dewit", "beheer"):
        client_of(name).get("/")
        client_of(name).get(address, status=404)
        client_of(name).get(f"{address}/bestand", status=404)
        client_of(name).post(f"{address}/stoppen", status=404)
    assert client_of("nobody").client.get(address).status_code == 303


def test_who_is_no_mentor_any_more_prints_and_fetches_nothing(
    client_of, app, cast, print_request, run_print_steps
):
    address = print_request()
    with app.app_context():
        session().execute(sa.update(Mentoring).values(ends_on=TODAY))
        commit()
        session().close()
    run_print_steps(address)
    with app.app_context():
        assert set(session().scalars(sa.select(PrintMember.status))) == {MemberStatus.NOT_YOURS}
    client_of("smit").get(address, status=404)
    assert readings(client_of, "noor", print_request.numbers["noor"]) == 0


def test_a_stopped_print_goes_no_further(client_of, app, print_request, run_print_steps):
    smit, address = client_of("smit"), print_request()
    run_print_steps(address, upto=1)
    smit.get(address)
    assert "gestopt" in smit.post(f"{address}/stoppen").words
    run_print_steps(address)
    assert stage(app, address) is Stage.STOPPED
    smit.get(f"{address}/bestand", status=404)
    for name, number in print_request.numbers.items():
        assert readings(client_of, name, number) == 0, "nobody got their pages"


@pytest.mark.slow
def test_a_student_whose_pages_fail_is_named_with_the_reason_and_the_rest_is_delivered(
    client_of, app, print_request, run_print_steps
):
    address = print_request("zip")
    with app.app_context():
        endless = {"text": "\n\n".join(["woord " * 300] * 200)}
        mine = sa.update(Revision).where(
            Revision.report_id == print_request.numbers["noor"], Revision.section == "begrijp"
        )
        session().execute(mine.where(Revision.voice == Voice.STUDENT).values(content=endless))
        commit()
        session().close()
    run_print_steps(address, upto=1, print_seconds=2)
    run_print_steps(address)
    page = client_of("smit").get(address)
    assert "Noor el Amrani : Het afdrukken duurde te lang en is gestopt." in page.words
    file = client_of("smit").client.get(f"{address}/bestand")
    assert zipfile.ZipFile(io.BytesIO(file.data)).namelist() == ["herfst-klas-2b-sam-jansen.pdf"]


def make_too_large(app, report_id):
    """Give a report a text that is larger than what may be printed of one student."""
    with app.app_context():
        row = sa.update(Revision).where(Revision.report_id == report_id)
        row = row.where(Revision.section == "begrijp", Revision.voice == Voice.STUDENT)
        session().execute(row.values(content={"text": "woord " * 250_000}))
        commit()
        session().close()


def test_finished_pages_that_are_lost_are_printed_again(
    client_of, print_request, run_print_steps, tmp_path
):
    address = print_request("zip")
    run_print_steps(address, upto=2)
    shutil.rmtree(tmp_path / "printed")
    run_print_steps(address)
    file = client_of("smit").client.get(f"{address}/bestand")
    names = zipfile.ZipFile(io.BytesIO(file.data)).namelist()
    assert names == ["herfst-klas-2b-noor-el-amrani.pdf", "herfst-klas-2b-sam-jansen.pdf"]


@pytest.mark.parametrize("kind", ["merged", "zip"])
def test_of_lost_pages_that_fail_now_the_others_are_delivered_and_the_student_is_named(
    client_of, app, print_request, run_print_steps, change_settings, tmp_path, kind
):
    address = print_request(kind)
    run_print_steps(address, upto=2)
    change_settings(print_student_mb=1)
    shutil.rmtree(tmp_path / "printed")
    make_too_large(app, print_request.numbers["noor"])
    run_print_steps(address)
    page = client_of("smit").get(address)
    assert "Noor el Amrani" in page.html.split('id="left-out"')[1].split("</section>")[0]
    file = client_of("smit").client.get(f"{address}/bestand")
    assert students_in(file.data) == ["Sam Jansen"]
    assert readings(client_of, "noor", print_request.numbers["noor"]) == 0
    assert readings(client_of, "sam", print_request.numbers["sam"]) == 1


def print_on_the_command_line(app, out):
    config = app.extensions["reflect"]
    (out / "reflect.env").touch()
    env = {
        "REFLECT_DATA": str(config.data),
        "REFLECT_DATABASE": config.database,
        "REFLECT_SETTINGS": str(out / "reflect.env"),
        "REFLECT_PRINT_STUDENT_MB": "1",
    }
    command = ["print", "pdf", "--group", "2b", "--out", str(out)]
    return CliRunner(env=env).invoke(root, command)


def test_on_the_command_line_a_student_whose_pages_fail_is_named_and_the_rest_is_printed(
    app, print_request, clock, tmp_path
):
    out = tmp_path / "talks"
    out.mkdir()
    make_too_large(app, print_request.numbers["noor"])
    result = print_on_the_command_line(app, out)
    assert result.exit_code == 3, result.output
    assert "Noor el Amrani" in result.stderr
    assert "Sam" not in result.stderr
    files = sorted(path.name for path in out.glob("*.pdf"))
    assert len(files) == 2, "Sam's own, and the one for the printer"
    assert any("sam-jansen" in name for name in files)
    assert not any("noor" in name for name in files)


def test_on_the_command_line_nobody_printed_leaves_no_file(app, print_request, clock, tmp_path):
    out = tmp_path / "talks"
    out.mkdir()
    for number in print_request.numbers.values():
        make_too_large(app, number)
    result = print_on_the_command_line(app, out)
    assert result.exit_code == 3
    assert not list(out.glob("*.pdf"))


def test_files_are_removed_after_a_day_and_the_page_says_so(
    client_of, app, print_request, run_print_steps, clock, tmp_path
):
    address = print_request()
    run_print_steps(address)
    kept = tmp_path / "evidence"
    assert len(list(kept.glob("print.*"))) == 1, "the pages of each are not kept beside the whole"
    clock.shift(timedelta(hours=23))
    sweep(app, NOW + timedelta(hours=23))
    assert list(kept.glob("print.*"))
    sweep(app, NOW + timedelta(hours=25))
    assert not list(kept.glob("print.*"))
    clock.shift(timedelta(hours=-23))
    assert "lang genoeg bewaard" in client_of("smit").get(address).words
    client_of("smit").get(f"{address}/bestand", status=404)


def sweep(app, at):
    with app.app_context():
        print_steps.remove_expired_prints(settings=app.extensions["reflect"], at=at)
        session().close()


def test_on_a_full_disk_it_says_so_kindly_and_goes_on_when_there_is_room(
    client_of, app, print_request, run_print_steps, monkeypatch
):
    smit, address, free = client_of("smit"), print_request(), threading.Event()
    really = shutil.disk_usage

    def nearly_full(path):
        usage = really(path)
        return usage if free.is_set() else usage._replace(free=5_000_000)

    monkeypatch.setattr(shutil, "disk_usage", nearly_full)
    waits = threading.Thread(target=run_print_steps, args=(address,))
    waits.start()
    until(lambda: stage(app, address) is Stage.NO_ROOM)
    page = smit.get(address)
    assert "De schijf van de school is bijna vol" in page.words
    assert readings(client_of, "noor", print_request.numbers["noor"]) == 0, (
        "what cannot be printed is not read"
    )
    free.set()
    waits.join()
    assert stage(app, address) is Stage.READY
    assert smit.client.get(f"{address}/bestand").status_code == 200


def test_a_print_that_waits_for_room_can_be_stopped(client_of, app, print_request, run_print_steps):
    smit, address = client_of("smit"), print_request()
    waits = threading.Thread(
        target=run_print_steps, args=(address,), kwargs={"print_room_mb": 10**9}
    )
    waits.start()
    until(lambda: stage(app, address) is Stage.NO_ROOM)
    smit.get(address)
    smit.post(f"{address}/stoppen")
    waits.join()
    assert stage(app, address) is Stage.STOPPED


def test_every_stage_and_reason_has_its_sentence():
    assert set(print_jobs.LEFT_OUT_REASONS) == set(MemberStatus) - {
        MemberStatus.WAITING,
        MemberStatus.PRINTED,
    }
