"""What the roles of OneRoster come to: who is a student, a guardian, or has a duty."""

from dataclasses import dataclass

from reflect.school.ties import DutyKind
from reflect.text.collation import plain_letters

STUDENT = "student"
GUARDIAN_ROLES = {"parent", "guardian", "relative"}
# The roles of 1.1 and 1.2 that are about the school as a whole. A principal leads, and so decides
# about forms, rounds and policies; an administrator of any level keeps accounts and rosters.
# The words without a role in the standard come as "ext:...", as it lets a supplier add them.
_DUTIES = {
    "administrator":         DutyKind.ADMINISTRATOR,
    "districtadministrator": DutyKind.ADMINISTRATOR,
    "siteadministrator":     DutyKind.ADMINISTRATOR,
    "systemadministrator":   DutyKind.ADMINISTRATOR,
    "beheerder":             DutyKind.ADMINISTRATOR,
    "principal":             DutyKind.COORDINATOR,
    "coordinator":           DutyKind.COORDINATOR,
    "jaarlaagcoordinator":   DutyKind.COORDINATOR,
    "leerjaarcoordinator":   DutyKind.COORDINATOR,
    "teamleider":            DutyKind.COORDINATOR,
    "counselor":             DutyKind.COUNSELLOR,
    "counsellor":            DutyKind.COUNSELLOR,
    "begeleider":            DutyKind.COUNSELLOR,
    "zorgcoordinator":       DutyKind.COUNSELLOR,
}  # fmt: skip
_OTHER_ROLES = {"aide", "proctor", STUDENT, "teacher"}
_KNOWN_ROLES = {*GUARDIAN_ROLES, *_OTHER_ROLES, *_DUTIES}
_OWN_ROLE_PREFIX = "ext:"


@dataclass(frozen=True)
class Role:
    """A role as a file has it."""

    text: str

    @property
    def word(self) -> str:
        return self.text.casefold().removeprefix(_OWN_ROLE_PREFIX).strip()

    @property
    def is_known(self) -> bool:
        is_own = self.text.casefold().startswith(_OWN_ROLE_PREFIX)
        return is_own or self.word in _KNOWN_ROLES or self.duty is not None

    @property
    def duty(self) -> DutyKind | None:
        """What it is for the whole school: "ext:zorgcoördinator" and "counselor" are one."""
        plain = plain_letters(self.word)
        return _DUTIES.get("".join(char for char in plain if char.isalpha()))
