"""The words of enums: every member that a screen can show has some, and a new enum is noticed."""

import importlib
from enum import StrEnum
from pathlib import Path

import pytest

from reflect.access.access_log import Channel, Purpose
from reflect.access.policy import PolicyKind
from reflect.access.share import Audience
from reflect.errors import EvidenceRejected
from reflect.hints.hint import HINT_MESSAGES, HintKind
from reflect.jobs.job import Stage
from reflect.jobs.print_jobs import (
    FILE_KIND_LABELS,
    LEFT_OUT_REASONS,
    STAGE_MESSAGES,
    FileKind,
    MemberStatus,
)
from reflect.media.limits import RejectReason
from reflect.printing.booklet import LAYOUT_LABELS, BookletLayout
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.diff import ChangeType
from reflect.reports.release import REASON_MESSAGES, RELEASE_LABELS, ReleaseRefusal
from reflect.reports.workflow import ACTION_MESSAGES, STATE_LABELS, TRANSITIONS, Action, State
from reflect.school.calendar import PartOfDay

TOP = Path(__file__).parent.parent

# Each enum with what gives the words of a member; a member that no screen shows has "".
WORDS = {
    BookletLayout: lambda member: LAYOUT_LABELS[member].choice,
    Audience: lambda member: member.label,
    Channel: lambda member: member.label,
    ChangeType: lambda member: member.label,
    ConflictChoice: lambda member: member.label,
    FileKind: lambda member: FILE_KIND_LABELS[member],
    HintKind: lambda member: HINT_MESSAGES[member],
    PartOfDay: lambda member: member.label,
    PolicyKind: lambda member: member.notice,
    Purpose: lambda member: member.label,
    ReleaseRefusal: lambda member: REASON_MESSAGES[member],
    RejectReason: lambda member: EvidenceRejected(member).message,
    State: lambda member: STATE_LABELS[member].short,
}
SHOWN_IN_PART = {Action, MemberStatus, Stage}
# No screen shows a word for these: pages, queries and styles differ by them.
NOT_SHOWN = {
    "Custody",
    "DisplayMode",
    "DutyKind",
    "FieldType",
    "Ground",
    "MediaKind",
    "Notation",
    "Outcome",
    "OutputFormat",
    "ReportPart",
    "Role",
    "SectionKind",
    "SuggestionDecision",
    "TieKind",
    "Usage",
    "Voice",
}


def enum_names():
    """Return the names of all enums of Reflect."""
    for path in (TOP / "reflect").rglob("*.py"):
        if "(StrEnum)" in path.read_text("utf-8"):
            module = path.relative_to(TOP).with_suffix("")
            importlib.import_module(".".join(module.parts))
    return {
        one.__name__ for one in StrEnum.__subclasses__() if one.__module__.startswith("reflect")
    }


def test_a_new_enum_has_words_or_is_not_shown():
    shown = {one.__name__ for one in (*WORDS, *SHOWN_IN_PART)}
    assert enum_names() == shown | NOT_SHOWN
    assert not shown & NOT_SHOWN


@pytest.mark.parametrize("enum", WORDS, ids=lambda enum: enum.__name__)
def test_every_member_has_its_words(enum):
    words = [WORDS[enum](member) for member in enum]
    assert len(set(words)) == len(words), "each member has words of its own"
    assert all(text == text.strip() for text in words)


def test_every_state_and_a_report_that_is_not_begun_has_its_words():
    assert set(STATE_LABELS) == {None, *State}
    assert all(all(vars(labels).values()) for labels in STATE_LABELS.values())


def test_every_action_that_changes_the_state_is_told_in_the_history():
    changing = {action for action, transition in TRANSITIONS.items() if transition.to_state}
    assert set(ACTION_MESSAGES) == changing
    assert all("%(who)s" in message for message in ACTION_MESSAGES.values())


def test_every_action_that_can_be_planned_has_its_words():
    assert set(RELEASE_LABELS) == {Action.ANSWER, Action.RETURN_WITH_QUESTION}
    assert all(all(vars(labels).values()) for labels in RELEASE_LABELS.values())


def test_every_student_who_is_not_in_a_print_is_told_why():
    assert set(LEFT_OUT_REASONS) == set(MemberStatus) - {MemberStatus.WAITING, MemberStatus.PRINTED}


def test_every_stage_of_a_print_has_its_words():
    # A print that is busy says how many students are printed.
    assert set(STAGE_MESSAGES) == set(Stage) - {Stage.BUSY}
