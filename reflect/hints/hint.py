"""A hint: a position in a teacher's text, its kind, and the sentence that the teacher reads."""

from dataclasses import dataclass
from enum import StrEnum

from reflect.i18n import N_


class HintKind(StrEnum):
    GRADE = "grade"
    AVERAGE = "average"
    RANKING = "ranking"
    PERCENTAGE = "percentage"
    POINTS = "points"
    PASSING = "passing"
    VERDICT = "verdict"  # the classifier's: reads like grading, though no pattern matched
    OTHER_STUDENT = "other_student"
    PLACEHOLDER = "placeholder"
    GOAL_UNANSWERED = "goal_unanswered"
    ONLY_PRAISE = "only_praise"
    ONLY_CORRECTION = "only_correction"


HINT_MESSAGES = {
    HintKind.GRADE: N_(
        "This reads like a grade. What would you like the student to see in their own work?"
    ),
    HintKind.AVERAGE: N_("This reads like an average. What changed in what the student can do?"),
    HintKind.RANKING: N_(
        "This places the student beside others. What did you see in this student's own work?"
    ),
    HintKind.PERCENTAGE: N_(
        "This reads like a percentage of the work. Which part went well, and how can one see it?"
    ),
    HintKind.POINTS: N_("This counts points. What would you like to say about the step itself?"),
    HintKind.PASSING: N_(
        "This speaks of passing or failing. What can the student do now, and what comes next?"
    ),
    HintKind.VERDICT: N_(
        "This may read like a grade or a comparison. What did you see in the student's own work?"
    ),
    HintKind.OTHER_STUDENT: N_(
        "Here stands the name of another student. Is this text meant for this student?"
    ),
    HintKind.PLACEHOLDER: N_("Here is a place that still waits for your words."),
    HintKind.GOAL_UNANSWERED: N_(
        "The student wrote a goal or a question. You could still say something about it."
    ),
    HintKind.ONLY_PRAISE: N_("You say what is good. A next step to try helps the student further."),
    HintKind.ONLY_CORRECTION: N_(
        "You say what can be better. Also name something that already works."
    ),
}


@dataclass(frozen=True, order=True)
class Hint:
    """A hint about the characters from `start` up to `end`; both are 0 if it is about the whole."""

    start: int
    end: int
    kind: HintKind

    @property
    def message(self) -> str:
        """Return the English sentence, which is also its key in the gettext catalogue."""
        return HINT_MESSAGES[self.kind]
