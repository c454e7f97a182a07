"""A lossy world: pages that type, a network that loses, repeats and reorders, and a server that restarts; with a model."""

import random
from dataclasses import dataclass, field

from reflect.report import choosing, writing
from reflect.report.choosing import Choice
from reflect.report.life import Verb
from reflect.report.report import Report, Voice
from reflect.store import keep, session

SECTIONS = ("begrijp", "fout")


@dataclass(frozen=True)
class Save:
    """One request as it travels: what a page sends, and can be sent again."""

    page: str
    number: int
    version: int
    words: dict[str, dict[str, str]]

    @property
    def key(self) -> str:
        return f"{self.page}.{self.number}"


@dataclass
class Page:
    """One loaded page, as static/js/keep.js behaves: it sends what changed until that is acknowledged."""

    name: str
    version: int
    texts: dict[str, str]
    number: int = 0
    changed: set[str] = field(default_factory=set)

    def type(self, section: str, words: str) -> None:
        self.texts[section] = f"{self.texts.get(section, '')} {words}".strip()
        self.changed.add(section)

    def save(self) -> Save:
        self.number += 1
        return Save(self.name, self.number, self.version, {key: {"text": self.texts[key]} for key in self.changed})

    def heard(self, save: Save) -> None:
        self.changed -= {key for key, content in save.words.items() if content["text"] == self.texts[key]}


class World:
    """One report, some pages of its writer, and everything that was ever acknowledged."""

    def __init__(self, report_id: int, *, me, at, chance: random.Random) -> None:
        self.report_id, self.me, self.at, self.chance = report_id, me, at, chance
        self.pages: list[Page] = []
        self.travelling: list[Save] = []
        self.acknowledged: list[Save] = []
        self.words, self.loaded = 0, 0

    @property
    def report(self) -> Report:
        return session().get(Report, self.report_id)

    def step(self) -> None:
        acts = (self.load, self.type, self.type, self.type, self.send, self.send, self.arrive, self.arrive,
                self.arrive_unheard, self.repeat, self.lose, self.crash, self.choose)  # fmt: skip
        self.chance.choice(acts)()

    def load(self) -> None:
        """Open the report in a tab or on a device; what an earlier page left on this device goes first."""
        if len(self.pages) == 3:
            self.close(self.pages.pop(0))
        self.loaded += 1
        latest = writing.latest([self.report_id], voice=Voice.STUDENT)[self.report_id]
        texts = {section: row.content.get("text", "") for section, row in latest.items()}
        self.pages.append(Page(f"p{self.loaded}", writing.version_of(self.report, voice=Voice.STUDENT), texts))

    def close(self, page: Page) -> None:
        if page.changed:
            self.deliver(page.save())

    def page(self) -> Page:
        if not self.pages:
            self.load()
        return self.chance.choice(self.pages)

    def type(self) -> None:
        self.words += 1
        self.page().type(self.chance.choice(SECTIONS), f"w{self.words}")

    def send(self) -> None:
        page = self.page()
        if page.changed:
            self.travelling.append(page.save())

    def any(self) -> Save | None:
        """Give one of the requests that travel, in no order."""
        return self.travelling.pop(self.chance.randrange(len(self.travelling))) if self.travelling else None

    def arrive(self) -> None:
        save = self.any()
        if save and self.deliver(save):
            for page in self.pages:
                if page.name == save.page:
                    page.heard(save)

    def arrive_unheard(self) -> None:
        """It arrives, but the answer gets lost: the page will send the same words again."""
        if save := self.any():
            self.deliver(save)

    def repeat(self) -> None:
        if self.acknowledged:
            self.deliver(self.chance.choice(self.acknowledged))

    def lose(self) -> None:
        self.any()

    def crash(self) -> None:
        """The server falls over in the middle of a save: nothing of it stays, and nobody heard that it did."""
        if save := self.any():
            self.write(save)
        session().rollback()
        session().expire_all()

    def choose(self) -> None:
        waiting = [row for rows in writing.put_aside(self.report, voice=Voice.STUDENT).values() for row in rows]
        if waiting:
            choosing.settle(self.report, self.chance.choice(waiting).id, choice=Choice.BOTH, by=self.me, at=self.at)
            keep()

    def write(self, save: Save) -> None:
        writing.save(
            self.report, save.words, verb=Verb.WRITE, version=save.version, key=save.key, by=self.me, at=self.at
        )

    def deliver(self, save: Save) -> bool:
        self.write(save)
        keep()
        self.acknowledged.append(save)
        return True

    def end(self) -> None:
        """Everything still on its way is gone; the pages that are open send what they have."""
        for page in self.pages:
            self.close(page)
