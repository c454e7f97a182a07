"""The command `export students`."""

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
)
from reflect.db.session import commit
from reflect.errors import NotFound, PrintFailed
from reflect.jobs import export_jobs
from reflect.printing import booklet_rendering
from reflect.school import queries
from reflect.school.people import get_person


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
    group = queries.group_by_code(group_code)
    if group is None:
        raise NotFound
    # For the user who runs this alone: the archives hold everything that students wrote.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    has_failures = False
    for member in queries.members_of_group(group.id, on=school_day()):
        slug = f"{booklet_rendering.slugify(group.code)}-{booklet_rendering.slugify(member.name)}"
        # With the id, since two students of a group may have the same name.
        path = folder / f"{slug}-{member.id}.zip"
        try:
            _write_archive(member.id, path)
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
    archive = export_jobs.build_personal_archive(student, settings=current_settings())
    # Before the file is there: until the student has it, it is the school's IT that does.
    export_jobs.record_archive_for_school(student, settings=current_settings())
    commit()
    # Renamed when it is whole: a file that is there is taken for a finished one.
    partial_path = path.with_suffix(".half")
    partial_path.write_bytes(archive)
    partial_path.replace(path)
    click.echo(path.name)
