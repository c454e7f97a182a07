"""The commands `print pdf` and `print samples`."""

from datetime import datetime
from io import BytesIO
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
    write_whole,
)
from reflect.db.session import commit
from reflect.demo import sample_booklet
from reflect.errors import NotFound, PrintFailed
from reflect.jobs import direct_print
from reflect.printing import booklet_builder, booklet_rendering, letters, renderer_pool
from reflect.printing.booklet import Booklet, BookletLayout
from reflect.printing.branding import active, logo
from reflect.printing.branding.config import BRANDING_FILE, BRANDING_FOLDER, Branding
from reflect.reports.rounds import Round, find_round, opened_rounds
from reflect.school import queries
from reflect.school.people import Actor, get_by_sign_in_name
from reflect.school.queries import NamedRef
from reflect.text.file_names import file_name

_SOME_FAILED = 3  # exit code: some students have no pages, and the others are printed
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
        "reflect print pdf --group 2b --round Herfst --sheet --out talks/ --by postma",
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
@click.option(
    "--by",
    "printed_by",
    metavar="USERNAME",
    help="Who gets the pages: an administrator, or a mentor of the group.",
)
@with_database
def print_group(
    group_code: str, round_name: str | None, folder: Path, sheet: bool, printed_by: str | None
) -> None:
    """Print a mentor group: a PDF for each student, and one for the printer.

    It prints what the group's mentor may read. Each student sees it as a reading by --by, or else
    by the school's IT at the command line. Where the pages of a student fail, the others are
    printed, it says whose failed, and the exit code is 3.
    """
    group = queries.group_by_code(group_code, on=school_day())
    if group is None:
        raise WrongInput(f"There is no group {group_code}. `reflect school groups` lists them.")
    reader_id = _reader_id(printed_by, group) if printed_by else None
    layout = BookletLayout.ONE_PAGER if sheet else BookletLayout.BOOKLET
    now = clock.now()
    booklets, results = direct_print.print_booklets(
        lambda: _build_booklets(group, round_name, layout, by=_mentor_of(group), at=now),
        render=_render_each,
    )
    failures = [result for result in results if isinstance(result, PrintFailed)]
    printed = _printed_files(booklets, results)
    folder.mkdir(parents=True, exist_ok=True)
    booklet_builder.record_print(
        [booklet for booklet, _, _ in printed], reader_id=reader_id, at=clock.now()
    )
    # Before any file is there: a command that is killed now leaves no page that nobody knows of.
    commit()
    if printed:
        merged_name = file_name(
            [booklets[0].round, group.code],
            extension="pdf",
            ending=booklet_rendering.file_name_suffix(layout),
        )
        rejected = _write_files(printed, folder=folder, merged_name=merged_name)
        failures += [PrintFailed(student=booklet.student.name) for booklet in rejected]
        click.echo(f"{len(printed)} students, and all of them in {folder / merged_name}")
    for failure in failures:
        click.echo(f"- {failure}", err=True)
    if failures:
        end_with(_SOME_FAILED)


def _reader_id(sign_in_name: str, group: NamedRef) -> int:
    """Return the id of the person whom the students see as the reader."""
    refusal = WrongInput(
        f"{sign_in_name} is not an administrator, and not a mentor of this group: "
        "--by names who gets the pages."
    )
    try:
        person = get_by_sign_in_name(sign_in_name)
    except NotFound:
        raise refusal from None
    mentor_ids = {mentor.id for mentor in queries.mentors_of_group(group.id, on=school_day())}
    if person.id not in mentor_ids and not queries.is_administrator(person.id, on=school_day()):
        raise refusal
    return person.id


def _render_each(booklets: list[Booklet]) -> list[bytes | PrintFailed]:
    """Return the PDF of each of these booklets, or why it has none.

    First it says which letters would be boxes, and in whose pages.
    """
    for booklet in booklets:
        if missing := letters.missing_in_booklet(booklet):
            click.echo(
                f"- {booklet.student.name}: no font here has {' '.join(missing)}, printed as boxes."
                " docs/install.md names the fonts.",
                err=True,
            )
    seconds = current_settings().print_seconds
    return [result for _, result in booklet_rendering.render_or_cached(booklets, seconds=seconds)]


def _printed_files(
    booklets: list[Booklet], results: list[bytes | PrintFailed]
) -> list[tuple[Booklet, str, bytes]]:
    """Return each booklet that has pages, with the name of its file and its PDF."""
    names = booklet_rendering.file_names(booklets)
    return [
        (booklet, name, result)
        for booklet, name, result in zip(booklets, names, results, strict=True)
        if not isinstance(result, PrintFailed)
    ]


def _write_files(
    printed: list[tuple[Booklet, str, bytes]], *, folder: Path, merged_name: str
) -> list[Booklet]:
    """Write a file for each, and one for the printer; return whose pages that does not have."""
    for _, name, pdf in printed:
        write_whole(folder / name, pdf)
    merged = BytesIO()
    rejected = booklet_rendering.merge_booklets(
        ((booklet, pdf) for booklet, _, pdf in printed), output=merged
    )
    write_whole(folder / merged_name, merged.getvalue())
    return rejected


def _mentor_of(group: NamedRef) -> Actor:
    """Return the mentor for whom the command prints, whose right decides what is on the pages."""
    mentors = queries.mentors_of_group(group.id, on=school_day())
    if not mentors:
        raise NotFound
    return mentors[0].as_actor(school_day())


def _build_booklets(
    group: NamedRef, round_name: str | None, layout: BookletLayout, *, by: Actor, at: datetime
) -> list[Booklet]:
    """Return the booklets of a round, or of the newest in which there is something to print.

    Raises NotFound.
    """
    for candidate in _candidate_rounds(round_name, by=by):
        booklets = booklet_builder.build_for_group(
            group,
            round_id=candidate.id,
            school=current_settings().school,
            by=by,
            at=at,
            layout=layout,
        )
        if booklets:
            return booklets
    return []


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
        f"Lines, and titles where it is dark enough, are {branding.main}.": branding.main,
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
