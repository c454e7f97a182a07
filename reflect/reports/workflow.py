"""The workflow of a report: its states, and one table of who may take which action when."""

from dataclasses import dataclass, replace
from enum import StrEnum

from reflect.i18n import N_


class State(StrEnum):
    DRAFT = "draft"
    HANDED_IN = "handed_in"
    RETURNED = "returned"
    ANSWERED = "answered"
    CLOSED = "closed"


class Role(StrEnum):
    """The relation to the report that an action asks for."""

    STUDENT = "student"
    TEACHER = "teacher"
    EITHER = "either"


class Action(StrEnum):
    WRITE = "write"
    HAND_IN = "hand_in"
    TAKE_BACK = "take_back"
    WRITE_ANSWER = "write_answer"
    # The stored word. Decision 26 gave new names to the code and left what is stored as it was.
    RETURN_WITH_QUESTION = "ask_on"
    ANSWER = "answer"
    WRITE_CLOSING = "write_closing"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Transition:
    """Allowed in `from_states` to `role`; leads to `to_state`, where None keeps the state."""

    from_states: frozenset[State]
    to_state: State | None
    role: Role


def _transition(from_states: set[State], to_state: State | None, role: Role) -> Transition:
    return Transition(from_states=frozenset(from_states), to_state=to_state, role=role)


# Short names, so that the table below fits in columns.
DRAFT, HANDED_IN, RETURNED, ANSWERED, CLOSED = State

# TAKE_BACK leads to DRAFT, or to RETURNED where the report was before it was handed in. It is only
# possible until the teacher has opened the report: `Report.take_back` checks that, since a table of
# states cannot; `report_loading` sets `opened_at` when a teacher first reads it.
TRANSITIONS = {
    Action.WRITE:                _transition({DRAFT, RETURNED}, None,      Role.STUDENT),
    Action.HAND_IN:              _transition({DRAFT, RETURNED}, HANDED_IN, Role.STUDENT),
    Action.TAKE_BACK:            _transition({HANDED_IN},       DRAFT,     Role.STUDENT),
    Action.WRITE_ANSWER:         _transition({HANDED_IN},       None,      Role.TEACHER),
    Action.RETURN_WITH_QUESTION: _transition({HANDED_IN},       RETURNED,  Role.TEACHER),
    Action.ANSWER:               _transition({HANDED_IN},       ANSWERED,  Role.TEACHER),
    Action.WRITE_CLOSING:        _transition({ANSWERED},        None,      Role.STUDENT),
    Action.CLOSE:                _transition({ANSWERED},        CLOSED,    Role.STUDENT),
    Action.REOPEN:               _transition({CLOSED},          RETURNED,  Role.EITHER),
}  # fmt: skip


@dataclass(frozen=True)
class StateLabels:
    """What a state is called on a screen: English msgids, of which two hold %(day)s.

    `short` in a table, `to_student` for the student whose report it is, `to_others` for
    everybody else, `in_course` for a teacher who chooses which reports to see.
    """

    short: str
    to_student: str
    to_others: str
    in_course: str


# None: the report has not been begun.
STATE_LABELS: dict[State | None, StateLabels] = {
    None: StateLabels(
        short=N_("not begun"),
        to_student=N_("Not begun yet"),
        to_others=N_("Not begun yet"),
        in_course=N_("not begun"),
    ),
    State.DRAFT: StateLabels(
        short=N_("writing"),
        to_student=N_("You are still writing"),
        to_others=N_("Is still writing"),
        in_course=N_("is writing"),
    ),
    State.HANDED_IN: StateLabels(
        short=N_("handed in"),
        to_student=N_("With your teacher since %(day)s"),
        to_others=N_("Handed in %(day)s"),
        in_course=N_("waits for you"),
    ),
    State.RETURNED: StateLabels(
        short=N_("asked on"),
        to_student=N_("Your teacher has a question, since %(day)s"),
        to_others=N_("Asked on %(day)s, the student goes on writing"),
        in_course=N_("goes on writing"),
    ),
    State.ANSWERED: StateLabels(
        short=N_("answered"),
        to_student=N_("Your teacher answered %(day)s"),
        to_others=N_("Answered %(day)s"),
        in_course=N_("answered"),
    ),
    State.CLOSED: StateLabels(
        short=N_("rounded off"),
        to_student=N_("Rounded off %(day)s"),
        to_others=N_("Rounded off %(day)s"),
        in_course=N_("rounded off"),
    ),
}

# In the place of those of State.RETURNED when nobody asked: the report was opened again.
REOPENED_BY_STUDENT_LABELS = StateLabels(
    short=N_("opened again"),
    to_student=N_("You opened it again %(day)s"),
    to_others=N_("Opened again %(day)s, the student goes on writing"),
    in_course=N_("goes on writing"),
)
REOPENED_BY_TEACHER_LABELS = replace(
    REOPENED_BY_STUDENT_LABELS, to_student=N_("Your teacher opened it again %(day)s")
)

# How the history of a report tells each action that changes the state: English msgids, with
# %(who)s for the person who took it.
ACTION_MESSAGES = {
    Action.HAND_IN:              N_("%(who)s handed it in"),
    Action.TAKE_BACK:            N_("%(who)s took it back"),
    Action.RETURN_WITH_QUESTION: N_("%(who)s asked on"),
    Action.ANSWER:               N_("%(who)s gave an answer"),
    Action.CLOSE:                N_("%(who)s rounded it off"),
    Action.REOPEN:               N_("%(who)s opened it again"),
}  # fmt: skip
