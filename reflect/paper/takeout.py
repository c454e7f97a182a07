"""The take-along: a student's whole record in one archive that opens anywhere: HTML, PDF, JSON and the evidence."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flask import current_app
from flask_babel import force_locale

from reflect import places, words
from reflect.paper import bundle, dress, on_screen
from reflect.paper.booklet import Booklet
from reflect.report.grammar import caption, is_empty, pieces
from reflect.report.life import State
from reflect.school.people import Me
from reflect.trust import history, read, share, shelf, sight
from reflect.trust.history import Taken, Version
from reflect.trust.reading import Door, Listed
from reflect.trust.seen import Seen
from reflect.trust.share import Shared

SCHEMA = "reflect-take-along/1"
VERSION = "1.1"  # what is added raises the second number; what changes gets another schema
_DRAFT = (None, State.DRAFT)


@dataclass(frozen=True)
class Record:
    """One report with all that belongs to it; `files` are the names in the vault of its evidence, by key."""

    seen: Seen
    versions: tuple[Version, ...]
    steps: tuple[Taken, ...]
    readings: tuple[Listed, ...]
    shares: tuple[Shared, ...]
    files: Mapping[str, str]


def records(*, by: Me, at: datetime) -> list[Record]:
    """Give everything of mine, the newest round first; it is my own, so nothing is noted."""
    ids = [line.report for line in shelf.mine(by=by, at=at) if line.report]
    return [_record(seen, by=by, at=at) for seen in read.read_many(ids, by=by, at=at, door=Door.PRINT)]


def _record(seen: Seen, *, by: Me, at: datetime) -> Record:
    versions = tuple(history.versions(seen.id, by=by, at=at))
    keys = dict.fromkeys(key for version in versions for key in pieces(version.content))
    return Record(
        seen=seen, versions=versions, steps=tuple(history.steps(seen.id, by=by, at=at)),
        readings=tuple(history.readings(seen.id, by=by, at=at)),
        shares=tuple(share.shares_of(sight.find(seen.id, by=by, at=at), by=by)),
        files={key: read.piece(seen.id, key, by=by, at=at).file for key in keys},
    )  # fmt: skip


def archive(
    found: list[Record], files: Mapping[str, bytes], *, school: str, language: str, seconds: int, by: Me, at: datetime
) -> bytes:
    """Make the zip of these records, with the bytes of their evidence by file name. Raises PrintFailed."""
    inside = {
        "index.html": _page(found, school=school, language=language, by=by, at=at).encode(),
        "style.css": (places.STATIC / "css" / "record.css").read_bytes(),
        "record.json": json.dumps(as_json(found, school=school, by=by, at=at), ensure_ascii=False, indent=1).encode(),
        **_printed(found, school=school, language=language, seconds=seconds, by=by, at=at),
        **{f"evidence/{name}": content for name, content in files.items()},
    }
    return bundle.zipped(inside)


def _page(found: list[Record], *, school: str, language: str, by: Me, at: datetime) -> str:
    with force_locale(language):
        template = current_app.jinja_env.get_template("paper/record.html")
        return template.render(
            records=found, school=school, language=language, student=by, at=at, html=words.html, caption=caption,
            pieces=pieces, passages=on_screen.passages,
        )  # fmt: skip


def _printed(
    found: list[Record], *, school: str, language: str, seconds: int, by: Me, at: datetime
) -> dict[str, bytes]:  # fmt: skip
    """Print a booklet for each round in which something was handed in."""
    handed_in = (record.seen for record in found if record.seen.state not in _DRAFT)
    rounds = [(round, tuple(own)) for round, own in groupby(handed_in, key=lambda seen: seen.round)]
    made = [
        Booklet(student=by, group=own[0].group, round=round, school=school, talk_on=None, at_table=(),
                language=language, reports=own, design=dress.worn(), taken_at=at)
        for round, own in rounds
    ]  # fmt: skip
    pages = bundle.each(made, seconds=seconds) if made else []
    return {f"pdf/{bundle.safe(one.round)}.pdf": pdf for one, pdf in zip(made, pages, strict=True)}


def as_json(found: Iterable[Record], *, school: str, by: Me, at: datetime) -> dict[str, object]:
    """Give the record as docs/takeout.md describes it."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "school": school,
        "made_at": at.isoformat(),
        "student": {"name": by.name, "given_name": by.first},
        "reports": [_report(record) for record in found],
    }


def _report(record: Record) -> dict[str, object]:
    seen = record.seen
    return {
        "subject": seen.subject, "course": seen.course, "round": seen.round, "group": seen.group,
        "language": seen.language, "teachers": [teacher.name for teacher in seen.teachers], "state": seen.state,
        "handed_in_at": _instant(seen.handed_in_at), "answered_at": _instant(seen.answered_at),
        "sections": [
            {"key": said.section.key, "prompt": said.section.prompt, "private": said.section.private,
             "student": dict(said.student), "teacher": said.teacher}
            for said in seen.said
        ],
        "remarks": [
            {"number": one.number, "section": one.section, "field": one.field, "quote": one.quote,
             "span": one.span, "text": one.text}
            for one in seen.remarks
        ],
        "in_words": [
            {"key": section.key, "prompt": section.prompt, "teacher": dict(told),
             "words": {option.key: option.words for option in section.options}}
            for section, told in seen.in_words
            if not is_empty(told)
        ],
        "answer": dict(seen.overall), "last_word": seen.closing_word,
        "goals": [{"goal": goal.words, "notice": goal.notice} for goal in seen.goals],
        "evidence": {key: f"evidence/{name}" for key, name in record.files.items()},
        **_history(record),
    }  # fmt: skip


def _history(record: Record) -> dict[str, object]:
    return {
        "versions": [
            {"section": one.section.key, "at": _instant(one.at), "put_aside": one.aside, "student": dict(one.content)}
            for one in record.versions
        ],
        "steps": [{"step": one.verb, "who": one.who, "at": _instant(one.at), "reason": one.reason}
                  for one in record.steps],
        "readings": [{"who": one.who, "door": one.door, "at": _instant(one.at)} for one in record.readings],
        "shares": [
            {"with": one.who, "by_link": one.by_link, "from": _instant(one.begins_at), "until": _instant(one.ends_at),
             "taken_back_at": _instant(one.taken_back_at)}
            for one in record.shares
        ],
    }  # fmt: skip


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
