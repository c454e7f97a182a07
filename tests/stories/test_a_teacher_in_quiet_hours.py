"""A teacher answers in the evening: nothing is locked, and one button plans it for the morning."""

from datetime import timedelta

import pytest

from reflect import clock as reflect_clock
from reflect.db.session import commit, session
from reflect.reports import release
from tests.stories.test_a_teacher_answers import fields

SAID = "Het is nu buiten schooltijd"
EVENING, SATURDAY = (
    timedelta(hours=11),
    timedelta(days=4),
)  # the cast lives on a Tuesday, at ten in the morning


@pytest.fixture
def answer_desk(client_of, make_report, cast, clock):
    """Noor handed in, and Ms de Wit wrote an answer; she is at her desk at the given moment."""

    def sit_down(later):
        number = make_report("handed_in")
        clock.shift(later)
        path = f"/verslagen/{number}/beantwoorden"
        page = client_of("dewit").get(path)
        client_of("dewit").post(path, fields(page, **{"overall--seen": "Helder, Noor."}))
        return path

    return sit_down


@pytest.mark.parametrize(
    ("later", "morning"), [(EVENING, "morgen om 08:30"), (SATURDAY, "maandag 30 november om 08:30")]
)
def test_outside_school_hours_the_desk_offers_the_next_school_morning(
    client_of, app, cast, clock, answer_desk, later, morning
):
    path, teacher = answer_desk(later), client_of("dewit")
    page = teacher.get(path)
    assert SAID in page.words
    assert f"Geef het antwoord {morning}" in page.words
    teacher.post(path, fields(page, **{"overall--seen": "Heel helder, Noor.", "do": "morning"}))
    assert f"Het gaat {morning}" in teacher.page.words
    assert f"Gaat {morning}" in teacher.get(f"/lesgroepen/{cast.course}").words
    assert SAID not in teacher.get(path).words, "it is planned already"
    assert "helder, Noor." not in client_of("noor").get("/verslagen/1").words
    clock.shift(timedelta(days=2, hours=12))
    with app.app_context():
        release.run_due(
            on=reflect_clock.local_date(reflect_clock.now(), zone="Europe/Amsterdam"),
            at=reflect_clock.now(),
        )
        commit()
        session().close()
    client_of("noor").sign_in("noor")
    assert "Heel helder, Noor." in client_of("noor").get("/verslagen/1").words, (
        "what was typed last goes"
    )


def test_nothing_is_locked_in_the_evening(client_of, answer_desk):
    path, teacher = answer_desk(EVENING), client_of("dewit")
    teacher.post(
        path, fields(teacher.get(path), **{"overall--seen": "Helder, Noor.", "do": "answer"})
    )
    assert "Helder, Noor." in client_of("noor").get("/verslagen/1").words


def test_on_a_school_day_nothing_is_said_and_nobody_but_the_teacher_reads_it(
    client_of, answer_desk, clock
):
    path = answer_desk(timedelta(0))
    assert SAID not in client_of("dewit").get(path).words
    clock.shift(EVENING)
    for address in ("/", "/verslagen/1"):
        assert SAID not in client_of("noor").get(address).words


def test_before_it_is_planned_for_many_an_odd_moment_is_said_and_another_offered(
    client_of, cast, answer_desk
):
    answer_desk(timedelta(0))
    teacher, give = client_of("dewit"), f"/lesgroepen/{cast.course}/ronde/{cast.round}/geven"
    asked = {"reports": ["1"], "verb": "answer", "when": "moment", "day": "2026-11-29"}
    teacher.post(give, {**asked, "time": "20:00"}, on=give)
    assert "Dat moment valt buiten schooltijd" in teacher.page.words
    assert "Liever maandag 30 november om 08:30" in teacher.page.words
    teacher.post(give, {**asked, "time": "20:00", "do": "give"}, on=give)
    assert "Gaat zondag 29 november om 20:00" in teacher.page.words, "said, and not locked"


def test_who_waits_longer_than_two_weeks_of_school_is_named_so_to_the_teacher_alone(
    client_of, make_report, cast, clock
):
    make_report("handed_in")
    page, said = (
        f"/lesgroepen/{cast.course}",
        "wacht al langer dan twee schoolweken. Ook een kort antwoord is een antwoord.",
    )
    assert said not in client_of("dewit").get(page).words
    clock.shift(timedelta(days=15))
    client_of("dewit").sign_in("dewit")
    assert said in client_of("dewit").get(page).words
    client_of("noor").sign_in("noor")
    assert said not in client_of("noor").get("/").words
