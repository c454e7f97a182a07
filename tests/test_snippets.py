"""Snippets: their bounds, what fills their placeholders, and when one went to many students."""

import pytest
import sqlalchemy as sa

from reflect.access import own_answers
from reflect.db.session import session
from reflect.errors import NotFound, SnippetEmpty, SnippetTooLong, TooManySnippets
from reflect.reports import snippets
from reflect.reports.snippets import (
    AvailableSnippet,
    Snippet,
    fill_placeholders,
    occurs_in,
    used_for_many,
)
from reflect.school import ties
from reflect.school.people import PersonRef
from tests.cast import NOW, YEAR_BEGINS_ON
from tests.conftest import report_in_state

SAM, EVA, BRAM, TESS = (
    PersonRef(id=number, name=name, given_name=name)
    for number, name in enumerate(("Sam", "Eva", "Bram", "Tess"))
)


def available(text, snippet_id=1):
    return AvailableSnippet(id=snippet_id, text=text, subject_id=None, subject="", owner=None)


def add(text, teacher, *, subject_id=None):
    return snippets.add_snippet(text, subject_id=subject_id, by=teacher, at=NOW)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Wat nu, {naam}?", "Wat nu, Noor?"),
        ("What now, {Name}?", "What now, Noor?"),
        ("{ naam } wilde {voornemen}.", "Noor wilde ‘Haakjes schrijven’."),
        ("Een verzameling {1, 2} blijft staan", "Een verzameling {1, 2} blijft staan"),
        ("ook in $\\frac{naam}{2}$", "ook in $\\fracNoor{2}$"),
        ("{naam}{naam}", "NoorNoor"),
    ],
)
def test_placeholders_are_filled_and_nothing_else_is_touched(text, filled):
    assert fill_placeholders(text, name="Noor", goal="Haakjes schrijven", language="nl") == filled


def test_a_goal_comes_in_the_students_words_whatever_they_are():
    goal = r"\1 {naam} ‘x’"
    assert fill_placeholders("{goal}", name="Noor", goal=goal, language="en") == f"“{goal}”"


def test_without_a_goal_its_placeholder_stays_for_the_teacher_to_fill_in():
    text = "{voornemen}"
    assert fill_placeholders(text, name="Noor", goal="", language="nl") == text


def test_a_snippet_that_went_to_several_students_is_listed_with_them():
    text = "Wat zou jij nu anders doen, {naam}, als je opnieuw begon?"
    answers = {
        student: [f"Mooi. {fill_placeholders(text, name=student.name, goal='', language='nl')}"]
        for student in (SAM, EVA)
    }
    assert not used_for_many([available(text)], answers), "two are not many"
    answers[BRAM] = ["wat zou jij nu  anders\ndoen, beste Bram, als je opnieuw begon?"]
    answers[TESS] = ["Als je opnieuw begon, wat zou jij nu anders doen?"]
    assert used_for_many([available(text)], answers) == {1: (SAM, EVA, BRAM)}


def test_a_snippet_occurs_in_a_text_whatever_fills_its_placeholders():
    text = "Wat zou jij nu anders doen, {naam}, als je opnieuw begon?"
    assert occurs_in(text, ["En: Wat zou jij nu anders doen, Noor, als je opnieuw begon?"])
    assert not occurs_in(text, ["Iets anders."])


def test_a_few_letters_are_no_reason_to_list_a_snippet():
    answers = {student: ["Top, goed zo, Noor!"] for student in (SAM, EVA, BRAM, TESS)}
    assert not used_for_many([available("Top, {naam}!"), available("{naam}", 2)], answers)


def test_the_bounds_of_a_snippet(active_app, cast):
    teacher = cast.actor("dewit")
    with pytest.raises(SnippetEmpty):
        add("  ", teacher)
    with pytest.raises(SnippetTooLong):
        add("x" * (snippets.MAX_SNIPPET_LENGTH + 1), teacher)
    first = add("Eerste zin.", teacher)
    for number in range(snippets.MAX_PER_OWNER - 1):
        add(f"Zin {number}", teacher)
    with pytest.raises(TooManySnippets):
        add("Nog een", teacher)
    first.rewrite("Eerste zin, anders.", subject_id=None, by=teacher, at=NOW)
    texts = {snippet.text for snippet in snippets.available_snippets(by=teacher)}
    assert "Eerste zin, anders." in texts, "a rewritten one counts once"


def test_a_snippet_that_is_added_twice_is_there_once(active_app, cast):
    teacher = cast.actor("dewit")
    assert add(" Eerste zin. ", teacher) is add("Eerste zin.", teacher)


def test_nothing_is_overwritten_and_two_windows_keep_both_texts(active_app, cast):
    teacher = cast.actor("dewit")
    first = add("Zo.", teacher)
    for text in ("Zo, of anders.", "Zo, en verder.", "Zo, en verder."):
        first.rewrite(text, subject_id=None, by=teacher, at=NOW)
    current_texts = [snippet.text for snippet in snippets.available_snippets(by=teacher)]
    assert current_texts == ["Zo, of anders.", "Zo, en verder."]
    all_texts = {row.text for row in session().scalars(sa.select(Snippet))}
    assert all_texts == {"Zo.", "Zo, of anders.", "Zo, en verder."}


def test_a_refused_rewrite_leaves_the_snippet_as_it_was(active_app, cast):
    first = add("Zo.", cast.actor("dewit"))
    with pytest.raises(SnippetEmpty):
        first.rewrite(" ", subject_id=None, by=cast.actor("dewit"), at=NOW)
    with pytest.raises(NotFound):
        first.rewrite("Van een ander.", subject_id=None, by=cast.actor("bakker"), at=NOW)
    with pytest.raises(NotFound):
        first.archive(by=cast.actor("bakker"), at=NOW)
    assert first.ended_at is None


def test_sharing_follows_who_teaches_the_subject_now(active_app, cast):
    colleague = cast.actor("bakker")
    ((subject_id, _),) = snippets.taught_subjects(by=cast.actor("dewit"))
    add("Laat je stappen zien.", cast.actor("dewit"), subject_id=subject_id)
    (shared,) = snippets.available_snippets(by=colleague)
    assert shared.owner.given_name == "Marleen"
    teaching = session().scalar(
        sa.select(ties.Teaching).where(ties.Teaching.person_id == colleague.id)
    )
    teaching.ends_on = YEAR_BEGINS_ON
    session().flush()
    assert not snippets.available_snippets(by=colleague)
    with pytest.raises(NotFound):
        add("Ook van mij.", colleague, subject_id=subject_id)


def test_only_my_own_texts_of_this_course_and_round_are_searched(active_app, cast):
    noor = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    sam = report_in_state(cast, "answered", student="sam", course=cast.course, at=NOW)
    texts = own_answers.own_texts_by_student(noor.id, by=cast.actor("dewit"), at=NOW)
    assert [student.given_name for student in texts] == ["Sam"]
    assert "Mooi uitgelegd." in next(iter(texts.values()))
    assert not own_answers.own_texts_by_student(sam.id, by=cast.actor("dewit"), at=NOW), (
        "the student of the report itself is not among the others"
    )
    for name in ("bakker", "smit", "noor", "sam", "brandt"):
        assert not own_answers.own_texts_by_student(noor.id, by=cast.actor(name), at=NOW)


def test_the_texts_of_a_colleague_are_not_searched(active_app, cast):
    report_in_state(cast, "answered", student="sam", course=cast.course, at=NOW)
    noor = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    colleague = cast.actor("bakker")
    session().add(
        ties.Teaching(person_id=colleague.id, course_id=cast.course, begins_on=YEAR_BEGINS_ON)
    )
    session().flush()
    assert not own_answers.own_texts_by_student(noor.id, by=colleague, at=NOW)
