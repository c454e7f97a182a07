"""What the demo's students and teachers wrote, read from TOML."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reflect import paths

Contents = dict[str, dict[str, str]]


@dataclass(frozen=True)
class SampleReport:
    """What one student wrote in one form, and what the teacher answered.

    Contents are by section, then by field. `{name}` is replaced by the student's first name.
    """

    form: str
    language: str
    years: tuple[int, ...]
    sections: Contents
    feedback: Contents
    overall: dict[str, str]
    closing: dict[str, str]
    remarks: tuple[dict[str, str], ...]

    def answer_for(self, first_name: str) -> Contents:
        """Return the teacher's answer to a student of this name."""
        contents = {**self.feedback, "overall": self.overall}
        return {
            section: {name: text.replace("{name}", first_name) for name, text in content.items()}
            for section, content in contents.items()
        }


@lru_cache(maxsize=64)
def load_samples(name: str, *, year: int) -> tuple[SampleReport, ...]:
    """Return the samples of a file that fit students of this year, or all when none does.

    `name` is that of the file without its ending, such as "wiskunde-periode.nl".
    """
    samples = _load_file(name)
    # Better the words of another year than an empty course.
    return tuple(sample for sample in samples if year in sample.years) or samples


@lru_cache(maxsize=32)
def _load_file(name: str) -> tuple[SampleReport, ...]:
    data = tomllib.loads((paths.DEMO_TEXTS / f"{name}.toml").read_text("utf-8"))
    return tuple(
        _to_sample(entry, form=data["form"], language=data["language"]) for entry in data["voice"]
    )


def _to_sample(entry: dict[str, Any], *, form: str, language: str) -> SampleReport:
    feedback = {key: {"text": text} for key, text in entry.get("feedback", {}).items()}
    return SampleReport(
        form=form,
        language=language,
        years=tuple(entry["years"]),
        sections=_strip_contents(entry["said"]),
        feedback=_strip_contents(feedback),
        overall=_strip_content(entry["overall"]),
        closing=_strip_content(entry["closing"]),
        remarks=tuple(entry.get("remarks", ())),
    )


def _strip_contents(contents: Contents) -> Contents:
    return {section: _strip_content(content) for section, content in contents.items()}


def _strip_content(content: dict[str, str]) -> dict[str, str]:
    return {name: text.strip() for name, text in content.items()}
