"""Reading along: no suggestion is lost or overwritten, deciding is once, and the desk asks no more for more reports."""

import pytest
import sqlalchemy as sa

from reflect.refusal import NoColleague, NoteTooLong, NotFound, NotNow
from reflect.report import reading_along, writing
from reflect.report.arrival import Outcome
from reflect.report.life import Verb
from reflect.report.reading_along import Decision, ReadingAlong, Suggestion
from reflect.report.report import Report, Revision, Voice
from reflect.school import ties
from reflect.store import session
from reflect.trust import along
from tests.cast import BEGAN, NOW
from tests.conftest import live


@pytest.fixture
def house(app, cast):
    with app.app_context():
        session().add(ties.Teaching(person_id=cast.people["bakker"], course_id=cast.course, begins_on=BEGAN))
        session().flush()
        yield
        session().rollback()


@pytest.fixture
def report(house, cast):
    made = live(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    answer(made, cast, "Eerste antwoord.")
    return made


def answer(report, cast, text, section="begrijp", field="text"):
    return writing.save(report, {section: {field: text}}, verb=Verb.WRITE_ANSWER, version=2**62, key=None,
                        by=cast.me("dewit"), at=NOW)  # fmt: skip


@pytest.fixture
def asked(report, cast):
    return reading_along.ask(report, cast.people["bakker"], note="Kijk je mee?", by=cast.me("dewit"), at=NOW)


def suggest(asked, cast, text, *, page="page", number=1, version=0, upon=None, section="begrijp", field="text"):
    upon = upon or along.own(asked).upon[section]
    sent = {section: {field: text, reading_along.UPON: str(upon)}}
    key = f"{page}.{number}"
    saved = reading_along.suggest(asked, sent, version=version, key=key, by=cast.me("bakker"), at=NOW)
    return saved.outcomes[section]


def stands(asked):
    return along.own(asked).stands.get(("begrijp", "text"))


def texts():
    return [row.text for row in session().scalars(sa.select(Suggestion).order_by(Suggestion.id))]


def test_who_can_be_asked_and_by_whom(report, cast):
    ask = lambda whom, by, note="": reading_along.ask(report, cast.people[whom], note=note, by=cast.me(by), at=NOW)  # noqa: E731 - a sentence for each no
    for whom in ("visser", "noor", "dewit", "smit"):
        with pytest.raises(NoColleague):
            ask(whom, "dewit")
    for by in ("noor", "smit", "brandt"):
        with pytest.raises(NotFound):
            ask("bakker", by)
    with pytest.raises(NoteTooLong):
        ask("bakker", "dewit", "x" * 1001)
    answer(report, cast, "Goed gezien.", "overall", "seen")
    report.answer(by=cast.me("dewit"), at=NOW)
    with pytest.raises(NotNow):
        ask("bakker", "dewit")


def test_what_is_left_as_it_is_suggests_nothing(asked, cast):
    assert suggest(asked, cast, "Eerste antwoord.") is Outcome.SAME
    assert suggest(asked, cast, "Anders.") is Outcome.WRITTEN
    assert suggest(asked, cast, "Eerste antwoord.", number=2) is Outcome.WRITTEN, (
        "thinking better of it is a change too"
    )
    assert texts() == ["Anders.", "Eerste antwoord."]


def test_to_suggest_that_everything_goes_is_a_suggestion(asked, cast):
    assert suggest(asked, cast, "") is Outcome.WRITTEN


def test_a_repeated_save_is_one_and_an_overtaken_one_never_comes_on_top(asked, cast):
    assert suggest(asked, cast, "een twee", number=2) is Outcome.WRITTEN
    assert suggest(asked, cast, "een twee", number=2) is Outcome.SAME
    assert suggest(asked, cast, "een", number=1) is Outcome.LATE
    assert stands(asked) == "een twee"
    assert texts() == ["een twee", "een"]


def test_two_windows_of_the_colleague_keep_both_texts(asked, cast):
    assert suggest(asked, cast, "in het ene", page="one") is Outcome.WRITTEN
    assert suggest(asked, cast, "in het andere", page="other") is Outcome.ASIDE
    own = along.own(asked)
    assert (own.stands["begrijp", "text"], own.aside["begrijp", "text"]) == ("in het ene", ("in het andere",))
    assert suggest(asked, cast, "later verder", page="third", version=own.version) is Outcome.WRITTEN


def test_a_text_that_is_too_long_is_not_kept_and_said(asked, cast):
    assert suggest(asked, cast, "x" * 20_001) is Outcome.TOO_LONG
    assert not texts()


def test_after_the_end_what_arrives_is_kept_aside(asked, cast):
    asked.end(by=cast.me("dewit"), at=NOW)
    assert suggest(asked, cast, "te laat") is Outcome.ASIDE
    assert texts() == ["te laat"]
    with pytest.raises(NotFound):
        asked.end(by=cast.me("smit"), at=NOW)


def test_a_foreign_revision_is_no_basis(asked, cast, report):
    for upon in ("999", "x", "1"):
        suggest(asked, cast, f"op {upon}", page=upon, upon=upon)
    assert {row.based_on for row in session().scalars(sa.select(Suggestion))} == {None}


def test_taking_over_makes_a_version_and_keeps_what_stood_there(asked, cast, report):
    suggest(asked, cast, "Beter antwoord.")
    (row,) = session().scalars(sa.select(Suggestion))
    with pytest.raises(NotFound):
        row.accept(by=cast.me("bakker"), at=NOW)
    for _ in range(2):
        row.accept(by=cast.me("dewit"), at=NOW)
    row.decline(by=cast.me("dewit"), at=NOW)
    assert row.decision is Decision.ACCEPTED, "decided is decided"
    kept = [one.content["text"] for one in session().scalars(
        sa.select(Revision).where(Revision.report_id == report.id, Revision.voice == Voice.TEACHER).order_by(Revision.id))]  # fmt: skip
    assert kept == ["Eerste antwoord.", "Beter antwoord."]
    assert suggest(asked, cast, "Beter antwoord.", number=7) is Outcome.SAME, (
        "an open page of the colleague still shows it"
    )


def test_what_the_teacher_changed_meanwhile_stays_and_the_other_fields_do_not_stand_in_the_way(asked, cast, report):
    answer(report, cast, "Ik zie dit.", "overall", "seen")
    upon = along.own(asked).upon["overall"]
    suggest(asked, cast, "Ik zie dat.", upon=upon, section="overall", field="seen")
    suggest(asked, cast, "Doe dit.", upon=upon, section="overall", field="next")
    writing.save(report, {"overall": {"seen": "Ik zag dit.", "next": ""}}, verb=Verb.WRITE_ANSWER, version=2**62, key=None,
                 by=cast.me("dewit"), at=NOW)  # fmt: skip
    seen, following = session().scalars(sa.select(Suggestion).order_by(Suggestion.id))
    assert not following.accept(by=cast.me("dewit"), at=NOW).aside
    assert seen.accept(by=cast.me("dewit"), at=NOW).aside == ["overall"]
    now = writing.latest([report.id], voice=Voice.TEACHER)[report.id]["overall"].content
    assert now == {"seen": "Ik zag dit.", "next": "Doe dit."}
    (beside,) = writing.put_aside(report, voice=Voice.TEACHER)["overall"]
    assert beside.content == {"seen": "Ik zie dat.", "next": "Doe dit."}


def test_a_declined_suggestion_stays_in_the_list_and_a_newer_one_comes_before_it(asked, cast, report):
    suggest(asked, cast, "Eerste voorstel.")
    (row,) = session().scalars(sa.select(Suggestion))
    row.decline(by=cast.me("dewit"), at=NOW)
    suggest(asked, cast, "Tweede voorstel.", number=2)
    now = {("begrijp", "text"): "Eerste antwoord."}
    shown = along.on_desk(report, now, (), by=cast.me("dewit"), at=NOW).suggested["begrijp", "text"]
    assert [(one.text, one.decision) for one in shown] == [("Tweede voorstel.", None), ("Eerste voorstel.", "declined")]


def test_nobody_but_the_two_is_handed_anything(asked, cast, report):
    suggest(asked, cast, "Beter antwoord.")
    (row,) = session().scalars(sa.select(Suggestion))
    for name in cast.people:
        me = cast.me(name)
        assert bool(along.asked_of_me(by=me, at=NOW)) is (name == "bakker")
        desk = along.on_desk(report, {}, (), by=me, at=NOW)
        assert bool(desk.askings) is (name == "dewit")
        assert bool(desk.suggested) is (name == "dewit")
        if name not in ("dewit", "bakker"):
            with pytest.raises(NotFound):
                along.find(asked.id, by=me, at=NOW)
        if name != "dewit":
            with pytest.raises(NotFound):
                along.find_suggestion(row.id, by=me, at=NOW)


def test_a_colleague_who_left_the_course_is_handed_nothing_any_more(asked, cast):
    session().execute(
        sa.update(ties.Teaching).where(ties.Teaching.person_id == cast.people["bakker"]).values(ends_on=BEGAN)
    )
    with pytest.raises(NotFound):
        along.asking(asked.id, by=cast.me("bakker"), at=NOW)


def test_an_asking_is_kept_for_ever(asked, cast):
    asked.end(by=cast.me("bakker"), at=NOW)
    again = reading_along.ask(session().get(Report, asked.report_id), cast.people["bakker"], note="Nog eens?",
                              by=cast.me("dewit"), at=NOW)  # fmt: skip
    assert again is not asked
    assert len(session().scalars(sa.select(ReadingAlong)).all()) == 2
