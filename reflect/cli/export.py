"""The commands `export students` and `export leavers`."""

from pathlib import Path

import click

from reflect.cli.base import (
    CommandGroup,
    current_settings,
    end_with,
    group_option,
    out_option,
    school_day,
    with_database,
    write_whole,
)
from reflect.db.session import commit
from reflect.errors import NotFound, PrintFailed
from reflect.jobs import export_jobs
from reflect.school import queries
from reflect.school.people import PersonRef, get_person
from reflect.text.file_names import file_name


@click.group(cls=CommandGroup)
def export() -> None:
    """Write down everything that belongs to a student."""


@export.command("students", examples=["reflect export students --group 6v --out leavers/"])
@group_option
@out_option
@with_database
def export_students(group_code: str, folder: Path) -> None:
    """Write everything of each student of a group that leaves, as a zip for each.

    It can be stopped and typed again: a file that is there stays. A student whose pages cannot
    be printed is named, the others are written, and the exit code is 1. Each student sees in their
    list of readings that the school's IT packed it.
    """
    group = queries.group_by_code(group_code, on=school_day())
    if group is None:
        raise NotFound
    # Also in the summer, when nobody is in a group any more.
    members = queries.last_members_of_group(group.id, on=school_day())
    _write_archives(members, folder, prefix=group.code)


@export.command("leavers", examples=["reflect export leavers --out leavers/"])
@out_option
@with_database
def export_leavers(folder: Path) -> None:
    """Write everything of each student who has left the school, as a zip for each.

    For whoever cannot sign in any more, or never did. As with `students`, a file that is there
    stays, and a student whose pages cannot be printed is named.
    """
    _write_archives(queries.students_who_left(on=school_day()), folder, prefix="left")


def _write_archives(students: list[PersonRef], folder: Path, *, prefix: str) -> None:
    """Write an archive for each; end with exit code 1 when the pages of somebody failed."""
    # For the user who runs this alone: the archives hold everything that students wrote.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    has_failures = False
    for student in students:
        # With the id, since two students may have the same name.
        path = folder / file_name([prefix, student.name], extension="zip", ending=str(student.id))
        try:
            _write_archive(student.id, path)
        # One student whose pages fail must not keep the others from leaving with theirs.
        except PrintFailed as error:
            click.echo(f"{path.name}: {error}", err=True)
            has_failures = True
    if has_failures:
        end_with(1)


def _write_archive(student_id: int, path: Path) -> None:
    """Write the archive of a student, unless it is there. Raises PrintFailed."""
    student = get_person(student_id)
    if path.exists() or student is None:
        return
    archive, report_ids = export_jobs.build_personal_archive(student, settings=current_settings())
    # Before the file is there: until the student has it, it is the school's IT that does.
    export_jobs.record_archive_for_school(report_ids)
    commit()
    # A file that is there is taken for a finished one.
    write_whole(path, archive)
    click.echo(path.name)
