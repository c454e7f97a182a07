"""The demo's texts: voices of students and their teachers, read from TOML."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reflect import places

Contents = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Voice:
    """What one student wrote in one form, and what came back; contents by section, `{name}` where a name comes."""

    form: str
    language: str
    years: tuple[int, ...]
    said: Contents
    feedback: Contents
    overall: dict[str, str]
    closing: dict[str, str]
    remarks: tuple[dict[str, str], ...]

    def answer_for(self, first_name: str) -> Contents:
        """Give the teacher's words, with the student's first name filled in."""
        spoken = {**self.feedback, "overall": self.overall}
        return {
            section: {name: text.replace("{name}", first_name) for name, text in content.items()}
            for section, content in spoken.items()
        }


@lru_cache(maxsize=64)
def voices(name: str, *, year: int) -> tuple[Voice, ...]:
    """Give the voices of one file (such as "wiskunde-periode.nl") that fit this school year of the student."""
    found = _of_file(name)
    return tuple(voice for voice in found if year in voice.years) or found


@lru_cache(maxsize=32)
def _of_file(name: str) -> tuple[Voice, ...]:
    read = tomllib.loads((places.DEMO_TEXTS / f"{name}.toml").read_text("utf-8"))
    return tuple(_voice(one, form=read["form"], language=read["language"]) for one in read["voice"])


def _voice(one: dict[str, Any], *, form: str, language: str) -> Voice:
    return Voice(
        form=form, language=language, years=tuple(one["years"]), said=_trimmed(one["said"]),
        feedback=_trimmed({key: {"text": text} for key, text in one.get("feedback", {}).items()}),
        overall=_trimmed({"": one["overall"]})[""], closing=_trimmed({"": one["closing"]})[""],
        remarks=tuple(one.get("remarks", ())),
    )  # fmt: skip


def _trimmed(contents: dict[str, dict[str, str]]) -> Contents:
    return {key: {name: text.strip() for name, text in content.items()} for key, content in contents.items()}
