"""The labelled sentences for kind hints: those to learn from, those that were given, and those held back."""

import csv
import hashlib
import tomllib
from pathlib import Path

from reflect import places

SENTENCES = Path(__file__).parent / "data" / "grade_talk.tsv"


def labelled(part, language):
    """Give (text, whether it talks in grades) of one part."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["text"], row["is_grade_talk"] == "1") for row in rows
                if (row["part"], row["lang"]) == (part, language)]  # fmt: skip


def fingerprint(sentences):
    return hashlib.sha256("\n".join(f"{is_one:d}\t{text}" for text, is_one in sentences).encode()).hexdigest()


def demo_texts(language):
    """Give what the teachers of the demo school wrote: several hundred texts without a grade in mind, many about mathematics."""
    voices = (voice for path in sorted(places.DEMO_TEXTS.glob(f"*.{language}.toml"))
              for voice in tomllib.loads(path.read_text("utf-8"))["voice"])  # fmt: skip
    return [text for voice in voices for text in (*voice.get("feedback", {}).values(), *voice["overall"].values())]
