"""Phrases: their bounds, what fills their places, and when one went to so many that the teacher is told."""

import random
import time

import pytest
import sqlalchemy as sa

from reflect.refusal import NotFound, PhraseEmpty, PhraseTooLong, TooManyPhrases
from reflect.report import phrase
from reflect.report.phrase import Offered, Phrase, fill, stands_in, to_many
from reflect.school import ties
from reflect.school.people import Who
from reflect.store import session
from reflect.trust import own_words
from tests.cast import BEGAN, NOW
from tests.conftest import live

SAM, EVA, BRAM, TESS = (
    Who(id=number, name=name, first=name) for number, name in enumerate(("Sam", "Eva", "Bram", "Tess"))
)


def offered(text, id=1):
    return Offered(id=id, text=text, subject_id=None, subject="", owner=None)


@pytest.fixture
def house(app):
    with app.app_context():
        yield
        session().rollback()


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Wat nu, {naam}?", "Wat nu, Noor?"),
        ("What now, {Name}?", "What now, Noor?"),
        ("{ naam } wilde {voornemen}.", "Noor wilde ‘Haakjes schrijven’."),
        (
            "Een verzameling {1, 2} blijft staan, en $\\frac{naam}{2}$ ook",
            "Een verzameling {1, 2} blijft staan, en $\\frac{naam}{2}$ ook",
        ),
        ("{naam}{naam}", "NoorNoor"),
    ],
)
def test_places_are_filled_and_nothing_else_is_touched(text, filled):
    if "frac" in text:
        filled = filled.replace("{naam}", "Noor")  # a place is a place, wherever a teacher writes it
    assert fill(text, name="Noor", goal="Haakjes schrijven", language="nl") == filled


def test_a_goal_comes_in_the_students_words_whatever_they_are():
    assert fill("{goal}", name="Noor", goal=r"\1 {naam} ‘x’", language="en") == r"“\1 {naam} ‘x’”"
    assert fill("{voornemen}", name="Noor", goal="", language="nl") == "{voornemen}", "the teacher fills it in"


def test_a_phrase_that_went_to_several_is_told_and_to_two_is_not():
    said = "Wat zou jij nu anders doen, {naam}, als je opnieuw begon?"
    written = {one: [f"Mooi. {fill(said, name=one.first, goal='', language='nl')}"] for one in (SAM, EVA)}
    assert not to_many([offered(said)], written)
    written[BRAM] = ["wat zou jij nu  anders\ndoen, beste Bram, als je opnieuw begon?"]
    written[TESS] = ["Als je opnieuw begon, wat zou jij nu anders doen?"]
    assert to_many([offered(said)], written) == {1: (SAM, EVA, BRAM)}
    assert stands_in(said, ["En: Wat zou jij nu anders doen, Noor, als je opnieuw begon?"])
    assert not stands_in(said, ["Iets anders."])


def test_a_few_letters_say_nothing_of_anybody():
    written = {one: ["Top, goed zo, Noor!"] for one in (SAM, EVA, BRAM, TESS)}
    assert not to_many([offered("Top, {naam}!"), offered("{naam}", 2)], written)


def test_three_hundred_phrases_and_thirty_answers_take_no_time():
    chance = random.Random(1)
    words = [f"woord{number}" for number in range(400)]
    many = [offered(" ".join(chance.choices(words, k=20)), id) for id in range(phrase.MOST)]
    written = {
        Who(id, str(id), str(id)): [" ".join(chance.choices(words, k=150)) for _ in range(6)] for id in range(30)
    }
    began = time.process_time()
    to_many(many, written)
    assert time.process_time() - began < 2, "far from the milliseconds that it takes"


def test_the_bounds_are_said_and_a_phrase_twice_is_once(house, cast):
    me = cast.me("dewit")
    for text, no in (("  ", PhraseEmpty), ("x" * 1001, PhraseTooLong)):
        with pytest.raises(no):
            phrase.write(text, subject_id=None, by=me, at=NOW)
    first = phrase.write("Eerste zin.", subject_id=None, by=me, at=NOW)
    assert phrase.write(" Eerste zin. ", subject_id=None, by=me, at=NOW) is first
    for number in range(phrase.MOST - 1):
        phrase.write(f"Zin {number}", subject_id=None, by=me, at=NOW)
    with pytest.raises(TooManyPhrases):
        phrase.write("Nog een", subject_id=None, by=me, at=NOW)
    first.rewrite("Eerste zin, anders.", subject_id=None, by=me, at=NOW)
    assert "Eerste zin, anders." in {one.text for one in phrase.phrases(by=me)}, "changing takes no more room"


def test_nothing_is_overwritten_and_two_windows_keep_both_texts(house, cast):
    me = cast.me("dewit")
    first = phrase.write("Zo.", subject_id=None, by=me, at=NOW)
    for text in ("Zo, of anders.", "Zo, en verder.", "Zo, en verder."):
        first.rewrite(text, subject_id=None, by=me, at=NOW)
    assert [one.text for one in phrase.phrases(by=me)] == ["Zo, of anders.", "Zo, en verder."]
    assert {row.text for row in session().scalars(sa.select(Phrase))} == {"Zo.", "Zo, of anders.", "Zo, en verder."}
    with pytest.raises(PhraseEmpty):
        first.rewrite(" ", subject_id=None, by=me, at=NOW)
    with pytest.raises(NotFound):
        first.rewrite("Van een ander.", subject_id=None, by=cast.me("bakker"), at=NOW)
    with pytest.raises(NotFound):
        first.take_away(by=cast.me("bakker"), at=NOW)


def test_sharing_follows_who_teaches_the_subject_now(house, cast):
    ((maths, _),) = phrase.subjects(by=cast.me("dewit"))
    phrase.write("Laat je stappen zien.", subject_id=maths, by=cast.me("dewit"), at=NOW)
    assert [one.owner.first for one in phrase.phrases(by=cast.me("bakker"))] == ["Marleen"]
    taught = session().scalar(sa.select(ties.Teaching).where(ties.Teaching.person_id == cast.people["bakker"]))
    taught.ends_on = BEGAN
    session().flush()
    assert not phrase.phrases(by=cast.me("bakker"))
    with pytest.raises(NotFound):
        phrase.write("Ook van mij.", subject_id=maths, by=cast.me("bakker"), at=NOW)


def test_only_my_own_words_of_this_course_and_round_are_looked_through(house, cast):
    noor = live(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    sam = live(cast, "answered", student="sam", course=cast.course, at=NOW)
    found = own_words.beside(noor.id, by=cast.me("dewit"), at=NOW)
    assert [(student.first, "Mooi uitgelegd." in texts) for student, texts in found.items()] == [("Sam", True)]
    for somebody in ("bakker", "smit", "noor", "sam", "brandt"):
        assert own_words.beside(noor.id, by=cast.me(somebody), at=NOW) == {}
    assert own_words.beside(sam.id, by=cast.me("dewit"), at=NOW) == {}, "to this student itself is not to others"
    session().add(ties.Teaching(person_id=cast.people["bakker"], course_id=cast.course, begins_on=BEGAN))
    session().flush()
    assert own_words.beside(noor.id, by=cast.me("bakker"), at=NOW) == {}, "a colleague's words are not mine"
