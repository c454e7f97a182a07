"""What is noted of a group's print is what is on its pages, and who is not in it is named."""

import io
import zipfile

import pikepdf
import pytest
import sqlalchemy as sa

from reflect.access.access_log import AccessLogEntry, Channel
from reflect.db.session import commit, session
from reflect.jobs.print_jobs import FAILURES, LEFT_OUT_REASONS, MemberStatus
from reflect.printing import booklet_builder, booklet_rendering
from reflect.printing.render_request import Usage
from reflect.reports.report import Revision, Voice, start_report
from reflect.reports.workflow import Action
from reflect.school import queries
from reflect.school.people import Person
from reflect.school.ties import Enrolment, Membership
from tests.cast import NOW, TODAY, YEAR_BEGINS_ON, add_row
from tests.conftest import TEXTS, save_texts
from tests.stories.test_a_group_is_printed import fetch, make_too_large, students_in

FORMATS = [(kind, shape) for kind in ("merged", "zip") for shape in ("booklet", "sheet")]
BOTH = ["Noor el Amrani", "Sam Jansen"]


def change(app, *statements):
    with app.app_context():
        for statement in statements:
            session().execute(statement)
        commit()
        session().close()


def leave_the_group(cast, name):
    mine = Membership.person_id == cast.people[name]
    return sa.update(Membership).where(mine).values(ends_on=TODAY)


def leave_the_school(cast, name):
    return sa.update(Person).where(Person.id == cast.people[name]).values(left_on=TODAY)


def words_of(content):
    """Return the bytes of the pages of a PDF, or of the files in a zip: others for other words."""
    if content.startswith(b"%PDF"):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return [page.Contents.read_bytes() for page in pdf.pages if "/Contents" in page]
    archive = zipfile.ZipFile(io.BytesIO(content))
    return [words for name in archive.namelist() for words in words_of(archive.read(name))]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "shape"), FORMATS)
def test_the_file_has_the_words_of_when_it_was_put_together(
    client_of, app, print_request, run_print_steps, kind, shape
):
    """The steps before it have rendered other words by then."""
    address = print_request(kind, shape)
    run_print_steps(address, upto=2)
    answers = sa.update(Revision).where(Revision.voice == Voice.TEACHER)
    changed = answers.where(Revision.section == "overall")
    change(app, changed.values(content={"seen": "Heel andere woorden dan daarnet."}))
    run_print_steps(address)
    put_together = fetch(client_of, address).data
    again = print_request(kind, shape)
    run_print_steps(again)
    assert words_of(put_together) == words_of(fetch(client_of, again).data)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "shape"), FORMATS)
@pytest.mark.parametrize("lose", [leave_the_group, leave_the_school], ids=lambda way: way.__name__)
def test_a_student_who_got_lost_before_it_was_put_together_is_named_and_not_noted(
    client_of, app, cast, print_request, run_print_steps, kind, shape, lose
):
    address = print_request(kind, shape)
    run_print_steps(address, upto=2)
    change(app, lose(cast, "sam"))
    run_print_steps(address)
    page = client_of("smit").get(address)
    file = fetch(client_of, address)
    in_it = students_in(file.data)
    noted = {name for name, number in print_request.numbers.items() if is_noted(app, number)}
    assert noted == {"noor", *("sam" for name in in_it if name == "Sam Jansen")}
    named = page.html.split('id="left-out"')[1] if 'id="left-out"' in page.html else ""
    assert ("Sam Jansen" in named.split("</section>")[0]) == ("Sam Jansen" not in in_it)
    if lose is leave_the_group:
        assert in_it == ["Noor el Amrani"]
        assert "Sam Jansen: Je bent niet de mentor van deze leerling (meer)." in page.words


def is_noted(app, report_id):
    with app.app_context():
        noted = sa.select(AccessLogEntry.id).where(
            AccessLogEntry.report_id == report_id, AccessLogEntry.channel == Channel.PRINT
        )
        return bool(session().scalars(noted).all())


@pytest.mark.parametrize(("kind", "shape"), FORMATS)
def test_when_everybody_got_lost_the_page_says_so_and_offers_no_file(
    client_of, app, cast, print_request, run_print_steps, kind, shape
):
    address = print_request(kind, shape)
    run_print_steps(address, upto=2)
    change(app, *(leave_the_group(cast, name) for name in ("noor", "sam")))
    run_print_steps(address)
    page = client_of("smit").get(address)
    assert "Er kon niets worden afgedrukt." in page.words
    assert f"{address}/bestand" not in page.links()
    assert all(name in page.words for name in BOTH)
    client_of("smit").get(f"{address}/bestand", status=404)


def add_student(cast, given_name, state, *, courses):
    """Add a student to the group, with a report in this state where there is one."""
    student = add_row(Person(given_name=given_name, infix="", family_name="Bos"))
    add_row(Membership(person_id=student.id, group_id=cast.group, begins_on=YEAR_BEGINS_ON))
    for course in courses:
        add_row(Enrolment(person_id=student.id, course_id=course, begins_on=YEAR_BEGINS_ON))
    person = student.as_actor(TODAY)
    if state:
        report = start_report(cast.round, course_id=cast.course, by=person, at=NOW)
        save_texts(report, Action.WRITE, TEXTS, by=person, at=NOW)
        if state == "handed_in":
            report.hand_in(by=person, at=NOW)


LEFT_OUT = {
    "Anna": (None, "Er is nog niets ingeleverd."),
    "Bo": ("draft", "Er is nog niets ingeleverd."),
    "Cas": ("handed_in", "Wat is ingeleverd, is nog niet beantwoord."),
    "Daan": (None, "Voor deze leerling is er in deze ronde geen formulier."),
}


@pytest.mark.parametrize("students", [("noor", "sam"), ("noor",)], ids=len)
def test_who_has_nothing_to_print_is_named_with_the_reason(
    client_of, app, cast, make_report, run_print_steps, students
):
    for name in students:
        make_report("answered", student=name)
    with app.app_context():
        for name, (state, _) in LEFT_OUT.items():
            add_student(cast, name, state, courses=[] if name == "Daan" else [cast.course])
        commit()
        session().close()
    smit = client_of("smit")
    smit.get(f"/mentorgroepen/{cast.group}")
    asked = smit.post(
        f"/mentorgroepen/{cast.group}/ronde/{cast.round}/afdrukken",
        follow=False,
        status=303,
        fields={"kind": "merged", "shape": "sheet"},
    )
    address = asked.headers["Location"]
    total = len(students)
    assert smit.client.get(address, headers={"Accept": "application/json"}).json["all"] == total
    run_print_steps(address)
    page = smit.get(address)
    for name, (_, reason) in LEFT_OUT.items():
        assert f"{name} Bos : {reason}" in page.words
    assert ("Sam Jansen : Er is nog niets ingeleverd." in page.words) == (total == 1)
    assert "Opnieuw proberen" not in page.words, "nobody's pages failed"
    assert len(students_in(fetch(client_of, address).data)) == total


@pytest.mark.parametrize("kind", ["merged", "zip"])
def test_whose_pages_failed_can_be_tried_again_from_the_page(
    client_of, app, print_request, run_print_steps, change_settings, kind
):
    """One student that fails does not keep the others from being printed."""
    change_settings(print_student_mb=1)
    make_too_large(app, print_request.numbers["noor"])
    smit, address = client_of("smit"), print_request(kind, "booklet")
    run_print_steps(address)
    page = smit.get(address)
    assert "Noor el Amrani : Er zijn samen te veel woorden of foto's" in page.words
    assert students_in(fetch(client_of, address).data) == ["Sam Jansen"]
    change_settings(print_student_mb=64)
    make_small_again(app, print_request.numbers["noor"])
    assert f"{address}/opnieuw" in page.html
    again = smit.post(f"{address}/opnieuw", status=303, follow=False).headers["Location"]
    assert again != address
    assert smit.post(f"{address}/opnieuw", status=303, follow=False).headers["Location"] == again
    whole_group = print_request(kind, "booklet")
    assert whole_group not in (address, again), "the whole group is another print"
    run_print_steps(again)
    assert students_in(fetch(client_of, again).data) == ["Noor el Amrani"]
    assert "Opnieuw proberen" not in smit.get(again).words
    assert students_in(fetch(client_of, address).data) == ["Sam Jansen"], "it stays as it was"
    for name in ("visser", "noor", "dewit"):
        client_of(name).get("/")
        client_of(name).post(f"{address}/opnieuw", status=404)


def test_with_nobody_failed_trying_again_begins_nothing(client_of, print_request, run_print_steps):
    address = print_request()
    smit = client_of("smit")
    smit.get(address)
    for _ in ("in progress", "ready"):
        answer = smit.post(f"{address}/opnieuw", status=303, follow=False)
        assert answer.headers["Location"] == address
        run_print_steps(address)


def make_small_again(app, report_id):
    row = sa.update(Revision).where(Revision.report_id == report_id)
    row = row.where(Revision.section == "begrijp", Revision.voice == Voice.STUDENT)
    change(app, row.values(content={"text": "woord"}))


def test_pages_that_cannot_be_merged_keep_nobody_elses_out_of_the_file(
    client_of, app, cast, print_request, run_print_steps
):
    """What is damaged in a cached PDF beyond what its checksum notices fails for one student."""
    address = print_request()
    run_print_steps(address, upto=2)
    with app.app_context():
        actor = cast.actor("smit")
        group = queries.get_mentored_group(cast.group, by=actor)
        booklets = booklet_builder.build_for_group(
            group,
            round_id=cast.round,
            school=app.extensions["reflect"].school,
            by=actor,
            at=NOW,
        )
        noor = next(one for one in booklets if one.student.id == cast.people["noor"])
        key = booklet_rendering.booklet_key(noor, usage=Usage.PRINT)
        assert booklet_rendering.open_cache().contains(key, student_id=noor.student.id)
        booklet_rendering.open_cache().put(b"%PDF-1.7 ", key=key, student_id=noor.student.id)
        session().close()
    run_print_steps(address)
    assert "Noor el Amrani : Het afdrukken lukte niet." in client_of("smit").get(address).words
    assert students_in(fetch(client_of, address).data) == ["Sam Jansen"]
    assert not is_noted(app, print_request.numbers["noor"])


def test_every_failure_has_its_sentence():
    assert set(FAILURES) < set(LEFT_OUT_REASONS)
    assert MemberStatus.PRINTED not in FAILURES
