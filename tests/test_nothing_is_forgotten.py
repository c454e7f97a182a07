"""What is added in one place is noticed in the others: a kind, a layout, a job, a stylesheet.

Each test names the places that would go on without it, and say nothing.
"""

import importlib
import inspect
import pkgutil
import re
from itertools import product

import pytest

import reflect
from reflect import jobs, paths
from reflect.cli import printing as print_commands
from reflect.db.session import session
from reflect.i18n import INTERFACE_LANGUAGES
from reflect.jobs import print_jobs, queue, schedule
from reflect.jobs.job import Job
from reflect.jobs.print_jobs import FileKind, MemberStatus, OutputFormat
from reflect.printing import booklet_rendering, one_pager, warmup_document, weasyprint_adapter
from reflect.printing.booklet import LAYOUT_LABELS, BookletLayout
from reflect.reports.form_schema import FieldType, SectionKind
from tests.cast import NOW

# No booklet has the first one, nor does it have the last one as a section.
KINDS_NOT_PRINTED = {SectionKind.LETTER, SectionKind.LAST_WORD}
# Beside those: what the teacher chose, for which a one-pager sends its reader to the booklet.
KINDS_NOT_ON_A_ONE_PAGER = KINDS_NOT_PRINTED | {SectionKind.TEACHER_WORDS}


def test_a_one_pager_has_every_kind_of_section_or_leaves_it_out_on_purpose():
    chosen = set(one_pager.KINDS_BY_PRIORITY)
    assert chosen == set(SectionKind) - KINDS_NOT_ON_A_ONE_PAGER, (
        "give a new kind its place in KINDS_BY_PRIORITY of reflect/printing/one_pager.py; a"
        " one-pager without it would say that nothing is left out"
    )


def test_what_is_rendered_first_has_every_kind_of_section_that_is_printed():
    kinds = {kind for kind, _ in warmup_document.SECTIONS} | {warmup_document.TEACHER_SECTION_KIND}
    assert kinds == set(SectionKind) - KINDS_NOT_PRINTED, (
        "add an example of a new kind to SECTIONS in reflect/printing/warmup_document.py"
    )


@pytest.mark.parametrize("kind", SectionKind)
def test_every_kind_of_section_says_whether_a_page_may_end_within_a_row(kind):
    assert kind.keeps_rows_together in (True, False)


@pytest.mark.parametrize("field_type", FieldType)
def test_every_type_of_field_says_whether_somebody_typed_in_it(field_type):
    assert field_type.is_running_text in (True, False)


def templates_by_field_type():
    """Return the templates that draw a field by its type."""
    pages = sorted(paths.TEMPLATES.rglob("*.html"))
    return [page for page in pages if "field_type" in page.read_text("utf-8")]


@pytest.mark.parametrize("page", templates_by_field_type(), ids=lambda page: page.name)
def test_every_template_that_draws_a_field_by_its_type_names_all_types(page):
    tests = re.findall(r'field_type (?:==|in) ("\w+"|\([^)]+\))', page.read_text("utf-8"))
    named = re.findall(r'"(\w+)"', " ".join(tests))
    assert sorted(named) == sorted(FieldType), "say how this template draws a new type of field"


LAYOUT_TABLES = {
    "LAYOUT_LABELS in reflect/printing/booklet.py": LAYOUT_LABELS,
    "REQUEST_BUILDERS in reflect/printing/booklet_rendering.py": booklet_rendering.REQUEST_BUILDERS,
    "SAMPLE_NAMES in reflect/cli/printing.py": print_commands.SAMPLE_NAMES,
    "WARMUP_REQUESTS in reflect/printing/warmup_document.py": warmup_document.WARMUP_REQUESTS,
}


@pytest.mark.parametrize("name", LAYOUT_TABLES)
def test_every_table_by_layout_has_every_layout(name):
    assert set(LAYOUT_TABLES[name]) == set(BookletLayout), f"add the new layout to {name}"


@pytest.mark.parametrize("language", INTERFACE_LANGUAGES)
def test_files_of_two_layouts_have_other_names(active_app, change_settings, language):
    """The command writes them into one folder, where the second would replace the first."""
    change_settings(language=language)
    suffixes = {booklet_rendering.file_name_suffix(layout) for layout in BookletLayout}
    assert len(suffixes) == len(BookletLayout)
    assert len(set(print_commands.SAMPLE_NAMES.values())) == len(BookletLayout)


def test_every_layout_in_every_kind_of_file_is_a_format():
    formats = [
        print_jobs.parse_output_format(kind, layout)
        for kind, layout in product(FileKind, BookletLayout)
    ]
    assert sorted(formats) == sorted(OutputFormat), "add it to OutputFormat and _OUTPUT_FORMATS"
    for output_format in OutputFormat:
        assert output_format.file_kind.extension


def test_every_stylesheet_is_for_print_or_named_where_it_is_used():
    sources = [*paths.TEMPLATES.rglob("*.html"), *paths.TEMPLATES.parent.glob("reflect/**/*.py")]
    text = "\n".join(source.read_text("utf-8") for source in sources)
    for path in (paths.STATIC / "css").glob("*.css"):
        is_named = re.search(rf'["/]{path.stem}(?:\.css)?["\']', text)
        assert path.name in weasyprint_adapter.STYLESHEETS or is_named, (
            f"nothing uses {path.name}: one for paper belongs in STYLESHEETS of"
            " reflect/printing/weasyprint_adapter.py"
        )


def job_modules():
    names = [module.name for module in pkgutil.iter_modules(jobs.__path__)]
    return [importlib.import_module(f"reflect.jobs.{name}") for name in names]


def test_every_table_of_jobs_has_a_type_of_job_that_a_worker_runs():
    assert job_modules()
    # `jobs_in_progress` of a type is the method of its table.
    tables = [job_type.jobs_in_progress.__self__ for job_type in queue.JOB_TYPES.values()]
    assert set(tables) == set(Job.__subclasses__()), (
        "add the new one to JOB_TYPES in reflect/jobs/queue.py, or nobody ever runs its jobs"
    )


def expiry_functions():
    """Return every function of Reflect whose name says that it removes what has expired."""
    for module in pkgutil.walk_packages(reflect.__path__, "reflect."):
        if "migrations" in module.name or module.name == "reflect.__main__":
            continue
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            if name.startswith("remove_expired") and function.__module__ == module.name:
                yield function


@pytest.mark.slow
def test_everything_that_removes_what_has_expired_is_run_by_the_clock():
    assert set(expiry_functions()) == set(schedule.EXPIRY_TASKS), (
        "add it to EXPIRY_TASKS in reflect/jobs/schedule.py, or what it removes stays for ever"
    )


# By version: the steps of a job of each type, as the queue stores them.
STEPS_OF_VERSION = {"1": {"print": ["student", "student", "bind"], "take": ["pack"]}}


def test_a_job_with_other_steps_has_another_version(active_app, cast):
    """A job that an earlier version began would go on in the middle of other steps."""
    key = print_jobs.request_print(
        cast.group,
        round_id=cast.round,
        statuses=dict.fromkeys([cast.people["noor"], cast.people["sam"]], MemberStatus.WAITING),
        output_format=OutputFormat.MERGED,
        by=cast.actor("smit"),
        at=NOW,
    )
    session().flush()
    steps = {
        kind: ["student" if step.isdigit() else step for step in job_type.list_steps(key)]
        for kind, job_type in queue.JOB_TYPES.items()
    }
    assert STEPS_OF_VERSION.get(queue.VERSION) == steps, (
        "raise VERSION in reflect/jobs/queue.py, and write down here which steps it has"
    )
