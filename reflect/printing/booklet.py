"""The content of a booklet: the reports of one student for a conversation, and the branding."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from reflect.access.view_models import MediaKind, PersonRef, ReportView
from reflect.i18n import N_
from reflect.printing.branding.config import DEFAULT_BRANDING, Branding


class BookletLayout(StrEnum):
    """Everything, or a choice from it on two sides of one sheet."""

    BOOKLET = "booklet"
    ONE_PAGER = "sheet"


@dataclass(frozen=True)
class Booklet:
    """The pages of one student.

    `reports`: those that may be printed; `unanswered_subjects`: the subjects without one.
    `exported_at`: when the student exported it; None for a booklet for a conversation.
    """

    student: PersonRef
    group: str
    round: str
    school: str
    talk_on: date | None
    attendees: tuple[str, ...]
    language: str
    reports: tuple[ReportView, ...]
    unanswered_subjects: tuple[str, ...] = ()
    branding: Branding = DEFAULT_BRANDING
    layout: BookletLayout = BookletLayout.BOOKLET
    exported_at: datetime | None = None

    def evidence_note(self, kind: MediaKind) -> str:
        """Return the msgid of what is printed in place of evidence that cannot be on paper."""
        notes = _EXPORT_EVIDENCE_NOTES if self.exported_at else _EVIDENCE_NOTES
        return notes[kind]


# A picture is printed, unless its file is missing.
_MISSING_PICTURE = N_("(a picture that is not there now)")
_EVIDENCE_NOTES = {
    MediaKind.PICTURE:  _MISSING_PICTURE,
    MediaKind.SOUND:    N_("(a sound; listen to it in Reflect)"),
    MediaKind.DOCUMENT: N_("(a PDF; open it in Reflect)"),
}  # fmt: skip
_EXPORT_EVIDENCE_NOTES = {
    MediaKind.PICTURE:  _MISSING_PICTURE,
    MediaKind.SOUND:    N_("(a sound; it is in the folder “evidence”)"),
    MediaKind.DOCUMENT: N_("(a PDF; it is in the folder “evidence”)"),
}  # fmt: skip
