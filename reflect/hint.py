"""What a kind hint is: a place in a teacher's text, what stands there, and the sentence that the teacher reads."""

from dataclasses import dataclass
from enum import StrEnum

from reflect.tongue import N_


class Kind(StrEnum):
    GRADE = "grade"
    AVERAGE = "average"
    RANKING = "ranking"
    PERCENTAGE = "percentage"
    POINTS = "points"
    PASSING = "passing"
    VERDICT = "verdict"  # like talk in grades as a whole, though no phrase says of which kind
    OTHER_STUDENT = "other_student"
    PLACEHOLDER = "placeholder"
    GOAL_UNANSWERED = "goal_unanswered"
    ONLY_PRAISE = "only_praise"
    ONLY_CORRECTION = "only_correction"


SAYS = {
    Kind.GRADE: N_("This reads like a grade. What would you like the student to see in their own work?"),
    Kind.AVERAGE: N_("This reads like an average. What changed in what the student can do?"),
    Kind.RANKING: N_("This places the student beside others. What did you see in this student's own work?"),
    Kind.PERCENTAGE: N_("This reads like a percentage of the work. Which part went well, and how can one see it?"),
    Kind.POINTS: N_("This counts points. What would you like to say about the step itself?"),
    Kind.PASSING: N_("This speaks of passing or failing. What can the student do now, and what comes next?"),
    Kind.VERDICT: N_("This may read like a grade or a comparison. What did you see in the student's own work?"),
    Kind.OTHER_STUDENT: N_("Here stands the name of another student. Is this text meant for this student?"),
    Kind.PLACEHOLDER: N_("Here is a place that still waits for your words."),
    Kind.GOAL_UNANSWERED: N_("The student wrote a goal or a question. You could still say something about it."),
    Kind.ONLY_PRAISE: N_("You say what is good. A next step to try helps the student further."),
    Kind.ONLY_CORRECTION: N_("You say what can be better. Also name something that already works."),
}  # fmt: skip


@dataclass(frozen=True, order=True)
class Hint:
    """`start` and `end` are places in the text that was looked at; both are 0 where the whole is meant."""

    start: int
    end: int
    kind: Kind

    @property
    def sentence(self) -> str:
        """The English sentence, for gettext."""
        return SAYS[self.kind]
