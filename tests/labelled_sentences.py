"""The labelled sentences of tests/data/grading_language.tsv, and the feedback texts of the demo."""

import csv
import hashlib
import tomllib
from pathlib import Path

from reflect import paths

SENTENCES_FILE = Path(__file__).parent / "data" / "grading_language.tsv"


def load_labelled(part, language):
    """Return (text, whether it talks in grades) of one part: "train", "shared" or "held"."""
    with SENTENCES_FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        (row["text"], row["is_grade_talk"] == "1")
        for row in rows
        if (row["part"], row["lang"]) == (part, language)
    ]


def labelled_hash(sentences):
    """Return the sha256, in hex, of the labelled sentences; the weights carry it."""
    lines = (f"{is_grade_talk:d}\t{text}" for text, is_grade_talk in sentences)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def demo_feedback_texts(language):
    """Return what the teachers of the demo school wrote: several hundred texts without a grade.

    Many are about mathematics, so that its numbers are not taken for grades.
    """
    texts = []
    for path in sorted(paths.DEMO_TEXTS.glob(f"*.{language}.toml")):
        for voice in tomllib.loads(path.read_text("utf-8"))["voice"]:
            texts += [*voice.get("feedback", {}).values(), *voice["overall"].values()]
    return texts
