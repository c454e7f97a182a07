"""The command `paper`: says what is right and wrong about the school's own design, and prints samples to look at."""

import argparse
import sys
from pathlib import Path

from flask import current_app

from reflect import clock, places
from reflect.demo import sample
from reflect.paper import bundle, dress, logo, press
from reflect.paper.booklet import Shape
from reflect.paper.design import FILE, FOLDER, Design
from reflect.settings import Settings

_NAMES = {Shape.BOOKLET: "sample.pdf", Shape.SHEET: "sample-sheet.pdf"}


def run(asked: argparse.Namespace) -> int:
    """Check the design and write samples; 0 when all of it is printed as it stands there, 2 when not."""
    house: Settings = current_app.extensions["reflect"]
    folder = house.data / FOLDER
    if asked.begin and not _begun(folder):
        return 2
    if not (folder / FILE).is_file() and not logo.find(folder):
        print(f"There is no design of your own in {folder}, so the house's own is printed.\n"
              "`reflect paper --begin` puts one down there to begin with.")  # fmt: skip
    design, notes = dress.tried_on(folder, school=house.school)
    for line in _told(design):
        print(line)
    for note in notes:
        sys.stderr.write(f"- {note}\n")
    _print(design, into=asked.out or folder, house=house)
    return 2 if notes else 0


def _begun(folder: Path) -> bool:
    if (folder / FILE).exists():
        sys.stderr.write(f"There is a design already: {folder / FILE}. It stays as it is.\n")
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    example = (places.DEMO_PAPER / FILE).read_text("utf-8").splitlines()
    lines = [line if not line or line.startswith("#") else f"#{line}" for line in example]
    (folder / FILE).write_text("\n".join(lines) + "\n", "utf-8")
    print(f"Written: {folder / FILE}. Open it, take away the # before what you want, and type `reflect paper` again.")
    return True


def _told(design: Design) -> list[str]:
    """Say what of the school's own is printed."""
    width, height = design.logo.large if design.logo else (0, 0)
    said = {
        f"The logo is printed, {width:g} by {height:g} mm on the cover.": design.logo,
        f"Titles are {design.main}.": design.main,
        f"The line beside a teacher's words is {design.second}.": design.second,
        f"The letterhead has {len(design.letterhead)} lines.": design.letterhead,
        f"There is a closing text in: {', '.join(design.closing)}.": design.closing,
    }
    return [sentence for sentence, stands in said.items() if stands]


def _print(design: Design, *, into: Path, house: Settings) -> None:
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    day = clock.day(clock.now(), zone=house.timezone)
    for shape, name in _NAMES.items():
        made = sample.booklet(shape, design=design, school=house.school, language=house.language, day=day)
        (pdf,) = press.apart([bundle.manuscript(made)], seconds=house.print_seconds)
        (into / name).write_bytes(pdf)
        print(f"Look at {into / name}")
