"""Each role of the table of rights has its list, its start page and its page of a report.

Whoever adds a role is asked here for each; otherwise its people would be shown nothing, or a page
that was written for somebody else.
"""

from dataclasses import fields
from typing import NamedTuple

import pytest
from flask import template_rendered

from reflect import paths
from reflect.access import permissions, report_lists, share
from reflect.db.session import commit, session
from reflect.reports.report import Report
from reflect.school.queries import SchoolRoles
from tests.cast import NOW

NOTHING_HERE = "Er is hier nog niets voor je."


class RolePages(NamedTuple):
    """`who` of the cast; `scope` of their list, None without one; `report`: the page they get."""

    who: str
    scope: str | None
    start_page: str
    report: str


ROLE_PAGES = {
    "student":     RolePages("noor", "mine", "Meenemen", "student/report_page.html"),
    "teacher":     RolePages("dewit", "course", "Mijn lesgroepen", "teacher/report_page.html"),
    "mentor":      RolePages("smit", "group", "Mijn mentorgroep", "mentor/report_page.html"),
    "guardian":    RolePages("fatima", "child", "Noor", "guardian/report_page.html"),
    # Reads what was shared as home does, and so in the same page, which says nothing of home.
    "counsellor":  RolePages("winter", "involved", "Met mij gedeeld", "guardian/report_page.html"),
    # Sees how far reports are, and has no screen for it yet.
    "coordinator": RolePages("brandt", None, NOTHING_HERE, "mentor/report_not_readable.html"),
}  # fmt: skip
# With whom of the cast Noor can share, by the roles that read what is shared.
SHARES_WITH = {"guardian": "fatima", "counsellor": "winter"}


def test_every_role_says_which_pages_it_gets():
    assert set(ROLE_PAGES) == set(permissions.VIEWER_RELATIONS), (
        "say what the new role gets: its list (_SCOPES in reflect/access/report_lists.py), its"
        " start page (SchoolRoles and templates/shared/home.html), its page of a report"
        " (_template_for in reflect/web/shared/reports.py)"
    )
    scopes = {pages.scope for pages in ROLE_PAGES.values() if pages.scope}
    assert scopes == set(report_lists._SCOPES)
    start_page = (paths.TEMPLATES / "shared" / "home.html").read_text("utf-8")
    for role in fields(SchoolRoles):
        is_shown = "children" if role.name == "children" else f"roles.{role.name}"
        assert is_shown in start_page, f"show {role.name} in templates/shared/home.html"


def share_with_those_who_can(app, cast, report_id):
    with app.app_context():
        for name in SHARES_WITH.values():
            share.share_with(
                session().get(Report, report_id),
                person_id=cast.people[name],
                begins_at=NOW,
                ends_at=None,
                by=cast.actor("noor"),
                at=NOW,
            )
        commit()
        session().close()


@pytest.mark.parametrize("role", ROLE_PAGES)
def test_every_role_has_its_start_page_and_its_page_of_a_report(
    app, cast, client_of, make_report, role
):
    report_id = make_report("answered")
    share_with_those_who_can(app, cast, report_id)
    pages = ROLE_PAGES[role]
    reader = client_of(pages.who)
    start_page = reader.get("/").words
    assert pages.start_page in start_page
    assert (NOTHING_HERE in start_page) == (pages.start_page == NOTHING_HERE)
    shown = []

    def note_template(_app, template, **_context):
        shown.append(template.name)

    with template_rendered.connected_to(note_template, app):
        reader.get(f"/verslagen/{report_id}")
    assert shown[-1] == pages.report


def test_a_student_can_share_with_every_role_that_reads_what_is_shared(active_app, cast):
    columns = zip(*permissions.WHO_SEES.values(), strict=True)
    reading = {
        role
        for role, cells in zip(permissions.VIEWER_RELATIONS, columns, strict=True)
        if any("FROM share " in str(cell().compile()) for cell in cells)
    }
    assert reading == set(SHARES_WITH), (
        "let possible_recipients in reflect/access/share.py find the people of the new role"
    )
    recipients = share.possible_recipients(cast.people["noor"], by=cast.actor("noor"))
    ids = {person.id for people in recipients for person in people}
    assert ids == {cast.people[name] for name in SHARES_WITH.values()}
