"""Noor sees who read her report: who, on which part of a day, and for what; no more is told."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from reflect.db.session import session
from reflect.reports.report import Report
from reflect.school.calendar import PartOfDay, day_part
from tests.cast import NAMES, NOW
from tests.conftest import ANSWER, TEXTS
from tests.stories.test_a_teacher_answers import fields
from tests.stories.test_home_reads import link_of, share

REASON = "Ik schaam me, want ik had het overgeschreven."
TIME_OF_DAY = re.compile(r"\b\d{1,2}:\d\d\b")


@pytest.fixture
def listed(client_of):
    """Return a function that gives the entries of Noor's list, the newest first."""

    def entries(number, student="noor"):
        html = client_of(student).get(f"/verslagen/{number}/gelezen").html
        (rows,) = re.findall(r'<ul class="access-log">(.*?)</ul>', html, re.DOTALL) or [""]
        items = re.findall(r"<li>(.*?)</li>", rows, re.DOTALL)
        return [" ".join(unescape(re.sub(r"<[^>]*>", " ", item)).split()) for item in items]

    return entries


@pytest.fixture
def link(client_of, make_report):
    """Noor gave Granny a link to her answered report: its number and its address."""
    number = make_report("answered")
    return number, link_of(share(client_of, number, whom="link", label="Oma"))


def open_link(client_of, name, address):
    visitor = client_of(name)
    visitor.get(address)
    return visitor.post(address)


def test_each_opening_of_a_link_is_listed(client_of, link, listed, clock):
    number, address = link
    for _ in range(3):
        open_link(client_of, "nobody", address)
        clock.shift(timedelta(minutes=2))
    openings = [entry for entry in listed(number) if "Oma" in entry]
    assert openings == ["Oma vandaag, 's ochtends, om mee te lezen, via je link"] * 3


def test_somebody_who_is_signed_in_is_named_beside_the_label(client_of, link, listed):
    number, address = link
    open_link(client_of, "karin", address)
    assert listed(number)[0] == (
        "Karin Jansen vandaag, 's ochtends, om mee te lezen, via je link Oma"
    )


def test_noor_who_tries_her_own_link_is_not_listed_as_granny(client_of, link, listed):
    number, address = link
    before = listed(number)
    assert "haal je links en rechts" in open_link(client_of, "noor", address).html
    assert listed(number) == before


PURPOSES = {
    "dewit": ("/verslagen/{}", "om mee te lezen"),  # what has been answered
    "smit": ("/verslagen/{}", "voor het gesprek"),
    "fatima": ("/verslagen/{}", "om mee te lezen"),
}


def test_each_entry_says_for_what(client_of, cast, make_report, listed, clock):
    number = make_report("answered")
    share(client_of, number, whom=str(cast.people["fatima"]))
    clock.shift(timedelta(minutes=20))
    for name, (path, purpose) in PURPOSES.items():
        client_of(name).get(path.format(number))
        reader = NAMES[name].replace("||", " ").replace("|", " ")
        assert listed(number)[0] == f"{reader} vandaag, 's ochtends, {purpose}"


@pytest.mark.parametrize("path", ["/verslagen/{}", "/verslagen/{}/beantwoorden"])
def test_a_teacher_reads_to_answer_until_it_is_answered(
    client_of, make_report, listed, clock, path
):
    number = make_report("handed_in")
    clock.shift(timedelta(minutes=20))
    client_of("dewit").get(path.format(number))
    assert listed(number)[0] == "Marleen de Wit vandaag, 's ochtends, om je te antwoorden"


HOURS = {2: "'s nachts", 9: "'s ochtends", 14: "'s middags", 22: "'s avonds"}


@pytest.mark.parametrize("hour", HOURS)
def test_nobody_is_told_the_minute_at_which_another_read_or_worked(
    client_of, make_report, clock, listed, hour
):
    """A teacher's evening is nobody's business either, and neither is a student's night."""
    clock.move_to(NOW.replace(hour=hour - 1) + timedelta(days=1))  # at the school it is `hour`
    number = make_report("handed_in")
    teacher = client_of("dewit").sign_in("dewit")
    page = teacher.get(f"/verslagen/{number}/beantwoorden")
    given = {"overall--seen": ANSWER["overall"]["seen"], "do": "answer"}
    teacher.post(f"/verslagen/{number}/beantwoorden", fields(page, **given))
    client_of("noor").sign_in("noor")
    assert HOURS[hour] in listed(number)[0]
    for path in ("gelezen", ""):
        page = client_of("noor").get(f"/verslagen/{number}/{path}".rstrip("/"))
        others = "\n".join(line for line in lines_about_times(page) if "Noor" not in line)
        assert not TIME_OF_DAY.search(others), others
    for path in ("", "ingeleverd"):
        page = teacher.get(f"/verslagen/{number}/{path}".rstrip("/"))
        others = "\n".join(line for line in lines_about_times(page) if "de Wit" not in line)
        assert not TIME_OF_DAY.search(others), others


def lines_about_times(page):
    """Return what stands in a list, a title or a time of a page, a text for each."""
    main = page.html.split("<main", 1)[1].split("</main>")[0]
    items = re.findall(r"<(?:li|summary|time)\b[^>]*>.*?</(?:li|summary|time)>", main, re.DOTALL)
    titles = re.findall(r'(?:title|datetime|data-draft-version)="([^"]*)"', main)
    return [re.sub(r"<[^>]*>", " ", item) for item in items] + titles


def test_the_parts_of_a_day_are_those_of_the_school():
    for hour, (part, begins) in {
        22: (PartOfDay.NIGHT, 23),
        4: (PartOfDay.NIGHT, 23),
        5: (PartOfDay.MORNING, 5),
        10: (PartOfDay.MORNING, 5),
        11: (PartOfDay.AFTERNOON, 11),
        17: (PartOfDay.EVENING, 17),
    }.items():
        found = day_part(NOW.replace(hour=hour, minute=59), zone="Europe/Amsterdam")
        expected = (part, begins) if hour != 22 else (PartOfDay.EVENING, 17)
        assert (found.part, found.began_at.hour) == expected
    # The night in which the clocks go forward.
    found = day_part(datetime.fromisoformat("2027-03-28T04:30:00+00:00"), zone="Europe/Amsterdam")
    assert found.part is PartOfDay.MORNING
    assert found.began_at == datetime.fromisoformat("2027-03-28T04:00:00+00:00")


@pytest.mark.parametrize("name", NAMES)
def test_the_reason_of_a_reopening_is_read_only_by_who_reads_the_text(client_of, make_report, name):
    number = make_report("closed")
    noor = client_of("noor")
    noor.get(f"/verslagen/{number}/heropenen")
    noor.post(f"/verslagen/{number}/heropenen", {"reason": REASON})
    page = client_of(name).client.get(f"/verslagen/{number}")
    reads_text = TEXTS["begrijp"]["text"][:20] in page.text
    assert (REASON in page.text) is reads_text
    assert reads_text is (name in ("noor", "dewit", "smit"))


def test_the_coordinator_knows_that_it_was_opened_again_and_not_why(client_of, make_report):
    number = make_report("closed")
    noor = client_of("noor")
    noor.get(f"/verslagen/{number}/heropenen")
    noor.post(f"/verslagen/{number}/heropenen", {"reason": REASON})
    page = client_of("brandt").get(f"/verslagen/{number}")
    assert "Noor el Amrani" in page.words
    assert REASON not in page.html


def test_choosing_answers_to_give_is_no_reading_of_the_reports(
    client_of, app, cast, make_report, listed, clock
):
    """The page shows what the teacher wrote, and nothing of the student."""
    number = make_report("handed_in")
    teacher = client_of("dewit")
    page = teacher.get(f"/verslagen/{number}/beantwoorden")
    teacher.post(f"/verslagen/{number}/beantwoorden", fields(page, **{"overall--seen": "Goed."}))
    clock.shift(timedelta(minutes=20))
    before = listed(number)
    address = f"/lesgroepen/{cast.course}/ronde/{cast.round}/geven"
    page = teacher.get(address)
    assert "Goed." in page.html
    assert TEXTS["begrijp"]["text"][:20] not in page.html
    teacher.post(address, {"reports": str(number), "verb": "answer", "when": "now"})
    assert listed(number) == before
    with app.app_context():
        assert session().get(Report, number).opened_at is not None
