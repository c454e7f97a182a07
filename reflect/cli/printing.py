"""The commands `print pdf` and `print samples`."""

from pathlib import Path

import click

from reflect import clock, paths
from reflect.cli.base import (
    CommandGroup,
    WrongInput,
    current_settings,
    end_with,
    group_option,
    out_option,
    school_day,
    with_app,
    with_database,
)
from reflect.db.session import commit
from reflect.demo import sample_booklet
from reflect.errors import NotFound, NothingToPrint
from reflect.printing import booklet_builder, booklet_rendering, renderer_pool
from reflect.printing.booklet import Booklet, BookletLayout
from reflect.printing.branding import active, logo
from reflect.printing.branding.config import BRANDING_FILE, BRANDING_FOLDER, Branding
from reflect.reports.rounds import Round, find_round, opened_rounds
from reflect.school import queries
from reflect.school.people import Actor
from reflect.school.queries import NamedRef

SAMPLE_NAMES = {
    BookletLayout.BOOKLET: "sample.pdf",
    BookletLayout.ONE_PAGER: "sample-sheet.pdf",
}


@click.group("print", cls=CommandGroup)
def print_() -> None:
    """Print a mentor group, or samples of your own design."""


@print_.command(
    "pdf",
    examples=[
        "reflect print pdf --group 2b --out talks/",
        "reflect print pdf --group 2b --round Herfst --sheet --out talks/",
    ],
)
@group_option
@click.option(
    "--round",
    "round_name",
    metavar="NAME",
    help="The round; without it the newest with an answered report.",
)
@out_option
@click.option(
    "--sheet", is_flag=True, help="One sheet for each student, with a choice from the reports."
)
@with_database
def print_group(group_code: str, round_name: str | None, folder: Path, sheet: bool) -> None:
    """Print a mentor group: a PDF for each student, and one for the printer.

    Each student sees it as a reading by the group's mentor.
    """
    group = queries.group_by_code(group_code, on=school_day())
    if group is None:
        raise WrongInput(f"There is no group {group_code}. `reflect school groups` lists them.")
    layout = BookletLayout.ONE_PAGER if sheet else BookletLayout.BOOKLET
    # In the mentor's name, since the student sees in their list who has read what.
    booklets = _build_booklets(group, round_name, layout, by=_mentor_of(group))
    seconds = current_settings().print_seconds
    pdfs = booklet_rendering.render_booklets(booklets, seconds=seconds)
    folder.mkdir(parents=True, exist_ok=True)
    for name, pdf in zip(booklet_rendering.file_names(booklets), pdfs, strict=True):
        (folder / name).write_bytes(pdf)
    merged_name = (
        f"{booklet_rendering.slugify(group.code)}{booklet_rendering.file_name_suffix(layout)}.pdf"
    )
    merged_path = folder / merged_name
    merged_path.write_bytes(booklet_rendering.render_merged(booklets, seconds=seconds))
    commit()
    click.echo(f"{len(booklets)} students, and all of them in {merged_path}")


def _mentor_of(group: NamedRef) -> Actor:
    """Return in whose name the command prints: a reading by somebody the student knows."""
    mentors = queries.mentors_of_group(group.id, on=school_day())
    if not mentors:
        raise NotFound
    return mentors[0].as_actor(school_day())


def _build_booklets(
    group: NamedRef, round_name: str | None, layout: BookletLayout, *, by: Actor
) -> list[Booklet]:
    """Return the booklets of a round, or of the newest in which there is something to print.

    Raises NotFound, NothingToPrint.
    """
    for candidate in _candidate_rounds(round_name, by=by):
        booklets = booklet_builder.build_for_group(
            group,
            round_id=candidate.id,
            school=current_settings().school,
            by=by,
            at=clock.now(),
            layout=layout,
        )
        if booklets:
            return booklets
    raise NothingToPrint


def _candidate_rounds(round_name: str | None, *, by: Actor) -> list[Round]:
    if not round_name:
        # The newest first: the first one with an answered report is printed.
        return list(opened_rounds(on=by.today))
    named_round = find_round(round_name, on=by.today)
    if named_round is None:
        raise NotFound
    return [named_round]


@print_.command(
    "samples",
    examples=[
        "reflect print samples --begin",
        "reflect print samples",
        "reflect print samples --out samples/",
    ],
)
@click.option(
    "--begin", is_flag=True, help="Write a design to begin with, if there is none; then go on."
)
@click.option(
    "--out",
    "sample_folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder for the samples; without it, the folder of the design.",
)
@with_app
def print_samples(begin: bool, sample_folder: Path | None) -> None:
    """Check the school's own design, and print samples to look at.

    The exit code is 2 when something of the design cannot be printed as it is.
    """
    settings = current_settings()
    folder = settings.data / BRANDING_FOLDER
    if begin:
        _write_example(folder)
    if not (folder / BRANDING_FILE).is_file() and not logo.find_logo_file(folder):
        click.echo(
            f"There is no design of your own in {folder}, so Reflect's own is printed.\n"
            "`reflect print samples --begin` puts one down there to begin with."
        )
    # What is wrong with a design is printed and left out; the rest of it is used.
    branding, problems = active.validate(folder, school=settings.school)
    for line in _describe(branding):
        click.echo(line)
    for problem in problems:
        click.echo(f"- {problem}", err=True)
    _write_samples(branding, folder=sample_folder or folder)
    if problems:
        end_with(2)


def _write_example(folder: Path) -> None:
    """Write the design of the demo, with everything in it commented out."""
    path = folder / BRANDING_FILE
    if path.exists():
        raise WrongInput(f"There is a design already: {path}. It stays as it is.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    example = (paths.DEMO_BRANDING / BRANDING_FILE).read_text("utf-8").splitlines()
    # Commented out, so that nothing changes before the school has chosen something.
    lines = [line if not line or line.startswith("#") else f"#{line}" for line in example]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    click.echo(
        f"Written: {path}. Open it, take away the # before what you want, "
        "and type `reflect print samples` again."
    )


def _describe(branding: Branding) -> list[str]:
    """Return a sentence for each thing of the school's own that is printed."""
    width, height = branding.logo.cover_size if branding.logo else (0, 0)
    sentences = {
        f"The logo is printed, {width:g} by {height:g} mm on the cover.": branding.logo,
        f"Titles are {branding.main}.": branding.main,
        f"The line beside a teacher's words is {branding.second}.": branding.second,
        f"The letterhead has {len(branding.letterhead)} lines.": branding.letterhead,
        f"There is a closing text in: {', '.join(branding.closing)}.": branding.closing,
    }
    return [sentence for sentence, is_set in sentences.items() if is_set]


def _write_samples(branding: Branding, *, folder: Path) -> None:
    settings = current_settings()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for layout, name in SAMPLE_NAMES.items():
        booklet = sample_booklet.build_booklet(
            layout,
            branding=branding,
            school=settings.school,
            language=settings.language,
            day=school_day(),
        )
        request = booklet_rendering.build_request(booklet)
        # Without the cache: whoever tries a design wants what it looks like now.
        (pdf,) = renderer_pool.render_each([request], seconds=settings.print_seconds)
        (folder / name).write_bytes(pdf)
        click.echo(f"Look at {folder / name}")
