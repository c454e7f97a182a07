"""A simulation of saving: pages that type, a network that loses and repeats, a server that stops.

Everything in it is random, and so it comes with a record of what was acknowledged, to check
what the database holds in the end.
"""

import random
from dataclasses import dataclass, field

from reflect.db.session import commit, session
from reflect.reports import conflict_choice, revisions
from reflect.reports.conflict_choice import ConflictChoice
from reflect.reports.report import Report, Voice
from reflect.reports.workflow import Action
from tests.conftest import save_texts

SECTIONS = ("begrijp", "fout")
MAX_OPEN_PAGES = 3


@dataclass(frozen=True)
class SaveRequest:
    """One request of a page, which can be sent again."""

    page: str
    sequence: int
    version: int
    texts: dict[str, dict[str, str]]

    @property
    def key(self) -> str:
        return f"{self.page}.{self.sequence}"


@dataclass
class EditorPage:
    """One loaded page, as the autosave of the browser behaves.

    It sends every section that changed, until a save of that text is acknowledged.
    """

    name: str
    version: int
    texts: dict[str, str]
    sequence: int = 0
    changed: set[str] = field(default_factory=set)

    def type_word(self, section: str, word: str) -> None:
        self.texts[section] = f"{self.texts.get(section, '')} {word}".strip()
        self.changed.add(section)

    def next_save(self) -> SaveRequest:
        self.sequence += 1
        texts = {section: {"text": self.texts[section]} for section in self.changed}
        return SaveRequest(self.name, self.sequence, self.version, texts)

    def acknowledge(self, save: SaveRequest) -> None:
        for section, content in save.texts.items():
            if content["text"] == self.texts[section]:
                self.changed.discard(section)


class SaveSimulation:
    """One report, some pages of its writer, and every save that was acknowledged."""

    def __init__(self, report_id: int, *, student, at, rng: random.Random) -> None:
        self.report_id = report_id
        self.student = student
        self.at = at
        self.rng = rng
        self.pages: list[EditorPage] = []
        self.in_flight: list[SaveRequest] = []
        self.acknowledged: list[SaveRequest] = []
        self.word_count = 0
        self.page_count = 0

    @property
    def report(self) -> Report:
        return session().get(Report, self.report_id)

    def step(self) -> None:
        """Do one random thing; what a page does most is done most."""
        actions = (
            self.load_page,
            *[self.type_word] * 3,
            *[self.send_save] * 2,
            *[self.deliver_one] * 2,
            self.deliver_unanswered,
            self.deliver_again,
            self.lose_one,
            self.crash_during_save,
            self.settle_conflict,
        )
        self.rng.choice(actions)()

    def load_page(self) -> None:
        """Open the report in another tab; too many close the first, which sends what it has."""
        if len(self.pages) == MAX_OPEN_PAGES:
            self.close_page(self.pages.pop(0))
        self.page_count += 1
        latest = revisions.latest_revisions([self.report_id], voice=Voice.STUDENT)[self.report_id]
        texts = {section: row.content.get("text", "") for section, row in latest.items()}
        version = revisions.newest_revision_id(self.report, voice=Voice.STUDENT)
        self.pages.append(EditorPage(f"p{self.page_count}", version, texts))

    def close_page(self, page: EditorPage) -> None:
        if page.changed:
            self.deliver(page.next_save())

    def random_page(self) -> EditorPage:
        if not self.pages:
            self.load_page()
        return self.rng.choice(self.pages)

    def type_word(self) -> None:
        self.word_count += 1
        self.random_page().type_word(self.rng.choice(SECTIONS), f"w{self.word_count}")

    def send_save(self) -> None:
        page = self.random_page()
        if page.changed:
            self.in_flight.append(page.next_save())

    def pop_in_flight(self) -> SaveRequest | None:
        """Take one of the requests that are on their way, in no order."""
        if not self.in_flight:
            return None
        return self.in_flight.pop(self.rng.randrange(len(self.in_flight)))

    def deliver_one(self) -> None:
        save = self.pop_in_flight()
        if save is None:
            return
        self.deliver(save)
        for page in self.pages:
            if page.name == save.page:
                page.acknowledge(save)

    def deliver_unanswered(self) -> None:
        """Save what arrives, and lose the response: the page will send the same text again."""
        save = self.pop_in_flight()
        if save:
            self.deliver(save)

    def deliver_again(self) -> None:
        if self.acknowledged:
            self.deliver(self.rng.choice(self.acknowledged))

    def lose_one(self) -> None:
        self.pop_in_flight()

    def crash_during_save(self) -> None:
        """Stop the server during a save: nothing of it is kept, and nothing is acknowledged."""
        save = self.pop_in_flight()
        if save:
            self.write_revisions(save)
        session().rollback()
        session().expire_all()

    def settle_conflict(self) -> None:
        conflicts = revisions.conflicts_of(self.report, voice=Voice.STUDENT)
        rows = [row for section_rows in conflicts.values() for row in section_rows]
        if rows:
            conflict_id = self.rng.choice(rows).id
            both = ConflictChoice.BOTH
            conflict_choice.settle_conflict(
                self.report, conflict_id, choice=both, by=self.student, at=self.at
            )
            commit()

    def write_revisions(self, save: SaveRequest) -> None:
        save_texts(
            self.report,
            Action.WRITE,
            save.texts,
            by=self.student,
            at=self.at,
            base_version=save.version,
            save_key=save.key,
        )

    def deliver(self, save: SaveRequest) -> None:
        self.write_revisions(save)
        commit()
        self.acknowledged.append(save)

    def finish(self) -> None:
        """Close every page; what is still on its way is lost."""
        for page in self.pages:
            self.close_page(page)
