"""Kind hints at the desk: what a teacher may want to look at before the student reads it; never a lock, never kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g, get_template_attribute

from reflect import kind_words
from reflect.hint import Hint
from reflect.report.grammar import EARLIER, Kind
from reflect.report.report import OVERALL
from reflect.school import lists
from reflect.school.people import Who
from reflect.trust.seen import Seen
from reflect.web.door import me
from reflect.web.sentences import gettext


@dataclass(frozen=True)
class Told:
    """One hint as it is read: the words that it is about (none for the answer as a whole), and the sentence."""

    words: str
    sentence: str


@dataclass(frozen=True)
class Hints:
    """The hints by the name of their field, and those about the whole."""

    fields: Mapping[str, list[Told]]
    whole: list[Told]

    def __bool__(self) -> bool:
        return bool(self.fields or self.whole)


def about(seen: Seen, *, before: Seen | None, course: Sequence[Who] | None = None) -> Hints:
    """Look at the answer that stands in `seen`; `before` is the student's report of last time, for its goals.

    `course`: everybody in it, when that is known already.
    """
    answer = _answer(seen)
    everybody = lists.students_of(seen.course_id, by=me()) if course is None else course
    names = [who for who in everybody if who.id != seen.student.id]
    looked = kind_words.look(
        answer, language=seen.language, asked=_asked(seen, before),
        others=[name for who in names for name in (who.first, who.name)],
        own=[name for who in (seen.student, *seen.teachers) for name in (who.first, who.name)],
    )  # fmt: skip
    fields = {
        "--".join(place): [_told(hint, answer[place]) for hint in found] for place, found in looked.fields.items()
    }
    return Hints(fields, [_told(hint, "") for hint in looked.whole])


def _answer(seen: Seen) -> dict[kind_words.Field, str]:
    sections = {(said.section.key, "text"): said.teacher for said in seen.said if said.teacher}
    overall = {(OVERALL, name): text for name, text in seen.overall.items() if text}
    ladder = {(section.key, name): text for section, told in seen.in_words for name, text in told.items()
              if text and not name.endswith(".word")}  # fmt: skip
    notes = {(f"remark.{one.key}", "text"): one.text for one in seen.remarks}
    return {**sections, **overall, **ladder, **notes}


def _asked(seen: Seen, before: Seen | None) -> list[str]:
    """Give what the student would like to hear about: their goals, and what they wrote to the teacher."""
    letters = [said.student.get("text", "") for said in seen.said if said.section.kind is Kind.LETTER]
    looks_back = [said.student for said in seen.said if said.section.key == EARLIER]
    earlier = [content.get(f"{row}.goal", "") for content in looks_back for row in "abc"]
    goals = [goal.words for goal in (before.goals if before else ())]
    return [text for text in (*letters, *earlier, *goals) if text.strip()]


def _told(hint: Hint, text: str) -> Told:
    return Told(text[hint.start : hint.end], gettext(hint.sentence))


def in_html(hints: Hints) -> dict[str, object]:
    """Give the hints as the page shows them, by the name of their field; "" is the whole."""
    draw = get_template_attribute("teacher/hints.html", "list")
    told = {**hints.fields, "": hints.whole}
    return {"hints": {name: str(draw(found)) for name, found in told.items() if found}, "at": g.now.isoformat()}
