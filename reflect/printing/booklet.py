"""The content of a booklet: the reports of one student for a conversation, and the branding."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from reflect.access.view_models import MediaKind, PersonRef, ReportView
from reflect.i18n import N_
from reflect.printing.branding.config import DEFAULT_BRANDING, Branding
from reflect.printing.whole_names import needs_whole_face


class BookletLayout(StrEnum):
    """Everything, or a choice from it on two sides of one sheet."""

    BOOKLET = "booklet"
    ONE_PAGER = "sheet"


@dataclass(frozen=True)
class LayoutLabels:
    """What people read about a layout, as msgids.

    `choice`: to choose it for a group; `button`: to print it of one student; `file_name`: at the
    end of a file's name, "" for the layout that needs no word there.
    """

    choice: str
    button: str
    file_name: str


# The buttons of a student have this order; the first one stands out.
LAYOUT_LABELS = {
    BookletLayout.BOOKLET: LayoutLabels(
        choice=N_("The booklet: everything that was written and answered"),
        button=N_("Print for the conversation"),
        file_name="",
    ),
    BookletLayout.ONE_PAGER: LayoutLabels(
        choice=N_("One sheet, two sides: a choice for the table, and room to write"),
        button=N_("Print on one sheet"),
        file_name=N_("one sheet"),
    ),
}


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

    @property
    def css_variables(self) -> str:
        """What these pages have of their own, as CSS declarations: colours, and a face that fits.

        The face at the head of each page has all letters of the student's name.
        """
        head_face = "--face-head: var(--face-whole)" if needs_whole_face(self.student.name) else ""
        return "; ".join(filter(None, (self.branding.css_variables, head_face)))

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
