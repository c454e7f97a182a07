"""The life of a report: its states, and one table of who may take which step in which state."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    HANDED_IN = "handed_in"
    RETURNED = "returned"
    ANSWERED = "answered"
    CLOSED = "closed"


class Actor(StrEnum):
    """The tie to the report that a step asks for."""

    STUDENT = "student"
    TEACHER = "teacher"
    EITHER = "either"


class Verb(StrEnum):
    WRITE = "write"
    HAND_IN = "hand_in"
    TAKE_BACK = "take_back"
    WRITE_ANSWER = "write_answer"
    ASK_ON = "ask_on"
    ANSWER = "answer"
    WRITE_CLOSING = "write_closing"
    CLOSE = "close"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Step:
    """May be taken in these states, leads to `to` (None: it stays as it is), by this actor."""

    states: frozenset[State]
    to: State | None
    actor: Actor


def _step(states: set[State], to: State | None, actor: Actor) -> Step:
    return Step(states=frozenset(states), to=to, actor=actor)


DRAFT, HANDED_IN, RETURNED, ANSWERED, CLOSED = State

STEPS = {
    Verb.WRITE:         _step({DRAFT, RETURNED}, None,      Actor.STUDENT),
    Verb.HAND_IN:       _step({DRAFT, RETURNED}, HANDED_IN, Actor.STUDENT),
    Verb.TAKE_BACK:     _step({HANDED_IN},       DRAFT,     Actor.STUDENT),  # or RETURNED, where it came from
    Verb.WRITE_ANSWER:  _step({HANDED_IN},       None,      Actor.TEACHER),
    Verb.ASK_ON:        _step({HANDED_IN},       RETURNED,  Actor.TEACHER),
    Verb.ANSWER:        _step({HANDED_IN},       ANSWERED,  Actor.TEACHER),
    Verb.WRITE_CLOSING: _step({ANSWERED},        None,      Actor.STUDENT),
    Verb.CLOSE:         _step({ANSWERED},        CLOSED,    Actor.STUDENT),
    Verb.REOPEN:        _step({CLOSED},          RETURNED,  Actor.EITHER),
}  # fmt: skip
