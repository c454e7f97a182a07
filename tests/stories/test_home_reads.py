"""Home reads what was shared, through an account or a link, and never anything else."""

import re
from datetime import date, timedelta

import pytest

from reflect.access import policy, report_loading
from reflect.db.session import commit, session
from tests.cast import NOW, YEAR_BEGINS_ON
from tests.conftest import STEPS_TO_STATE


def share(as_, number, **fields):
    noor = as_("noor")
    noor.get(f"/verslagen/{number}/delen")
    return noor.post(f"/verslagen/{number}/delen", fields)


def link_of(page):
    return re.search(r"http://[^\"<]+(/gedeeld/[\w-]+)", page.html).group(1)


def test_fatima_reads_once_noor_shares_and_noor_sees_that_she_did(client_of, make_report, cast):
    number = make_report("answered")
    client_of("fatima").get(f"/verslagen/{number}", status=404)
    share(client_of, number, whom=str(cast.people["fatima"]))
    home = client_of("fatima").get("/")
    assert f"/verslagen/{number}" in home.links()
    page = client_of("fatima").get(f"/verslagen/{number}")
    assert "haal je links en rechts" in page.html
    assert "Geheim" not in page.html
    assert "mag ik iets vragen" not in page.html
    assert "Fatima Amrani" in client_of("noor").get(f"/verslagen/{number}/gelezen").words


@pytest.mark.parametrize("state", [state for state in STEPS_TO_STATE if state != "draft"])
def test_the_preview_has_the_parts_that_home_gets_by_the_table(
    app, client_of, make_report, cast, state
):
    """`load_home_preview` asks the table as the guardian would be if it were shared."""
    number = make_report(state)
    share(client_of, number, whom=str(cast.people["fatima"]))
    with app.app_context():
        preview = report_loading.load_home_preview(number, by=cast.actor("noor"), at=NOW)
        shared = report_loading.load(number, by=cast.actor("fatima"), at=NOW + timedelta(hours=1))
        session().rollback()
        session().close()
    assert preview.visible_parts == shared.visible_parts


def test_the_other_parent_and_other_parents_see_nothing_of_a_share(client_of, make_report, cast):
    number = make_report("answered")
    share(client_of, number, whom=str(cast.people["fatima"]))
    for name in ("hassan", "karin", "sam", "bakker", "visser", "winter", "beheer"):
        client_of(name).get(f"/verslagen/{number}", status=404)


def test_noor_cannot_share_with_whom_the_school_does_not_name(client_of, make_report, cast):
    number = make_report("answered")
    noor = client_of("noor")
    noor.get(f"/verslagen/{number}/delen")
    noor.post(f"/verslagen/{number}/delen", {"whom": str(cast.people["hassan"])}, status=422)


def test_a_share_begins_and_ends_on_the_days_that_noor_chose(client_of, make_report, cast, clock):
    number = make_report("answered")
    share(
        client_of,
        number,
        whom=str(cast.people["fatima"]),
        first_day="2026-11-26",
        last_day="2026-11-27",
    )
    client_of("fatima").get(f"/verslagen/{number}", status=404)
    for days, status in ((2, 200), (3, 200), (4, 404)):
        clock.move_to(NOW + timedelta(days=days))
        browser = client_of("fatima").sign_in("fatima")
        browser.get(f"/verslagen/{number}", status=status)


def test_the_last_day_before_the_first_is_said_at_the_field(client_of, make_report, cast):
    number = make_report("answered")
    noor = client_of("noor")
    noor.get(f"/verslagen/{number}/delen")
    fields = {
        "whom": str(cast.people["fatima"]),
        "first_day": "2026-12-02",
        "last_day": "2026-12-01",
    }
    page = noor.post(f"/verslagen/{number}/delen", fields, status=422)
    assert "ligt vóór de eerste" in page.words
    assert page.field("first_day") == "2026-12-02"


def test_stopping_a_share_closes_it_at_once(client_of, make_report, cast):
    number = make_report("answered")
    page = share(client_of, number, whom=str(cast.people["fatima"]))
    client_of("fatima").get(f"/verslagen/{number}")
    stop = next(form["action"] for form in page.all("form") if "stoppen" in form.get("action", ""))
    client_of("noor").post(stop)
    client_of("fatima").get(f"/verslagen/{number}", status=404)


def test_a_link_has_a_page_that_writes_nothing_and_a_post_that_opens(client_of, make_report):
    number = make_report("answered")
    link = link_of(share(client_of, number, whom="link", label="Oma"))
    visitor = client_of("nobody")
    link_page = visitor.get(link)
    assert "haal je links en rechts" not in link_page.html
    assert "Oma" not in client_of("noor").get(f"/verslagen/{number}/gelezen").words
    opened = visitor.post(link)
    assert "haal je links en rechts" in opened.html
    listed = client_of("noor").get(f"/verslagen/{number}/gelezen").words
    assert "Oma" in listed
    assert "via je link" in listed


def test_a_link_is_shown_once_and_its_token_is_nowhere_kept(client_of, make_report, app):
    number = make_report("answered")
    link = link_of(share(client_of, number, whom="link", label="Oma"))
    assert link not in client_of("noor").get(f"/verslagen/{number}/delen").html
    token = link.rsplit("/", 1)[1]
    assert len(token) >= 22, "at least 128 bits"
    with app.app_context():
        dump = "".join(
            str(row) for row in session().connection().exec_driver_sql("select * from share").all()
        )
        assert token not in dump
        session().close()


@pytest.mark.parametrize("change", ["stop", "end", "wrong"])
def test_an_old_or_wrong_link_is_a_closed_door_that_tells_nothing(
    client_of, make_report, clock, change
):
    number = make_report("answered")
    page = share(client_of, number, whom="link", label="Oma", last_day="2026-11-25")
    link = link_of(page)
    if change == "stop":
        client_of("noor").post(
            next(form["action"] for form in page.all("form") if "stoppen" in form.get("action", ""))
        )
    elif change == "end":
        clock.move_to(NOW + timedelta(days=2))
    visitor = client_of("nobody")
    link = link if change != "wrong" else f"{link}x"
    for closed in (visitor.get(link, status=404), visitor.post(link, status=404)):
        assert "niet (meer) open" in closed.words
        assert "Noor" not in closed.words


def test_the_preview_shows_what_home_would_see_and_shares_nothing(client_of, make_report):
    number = make_report("answered")
    page = client_of("noor").get(f"/verslagen/{number}/voorbeeld")
    assert "haal je links en rechts" in page.html
    assert "Geheim" not in page.html
    client_of("fatima").get(f"/verslagen/{number}", status=404)


def set_policy(app, cast, kind):
    with app.app_context():
        policy.set_policy(
            kind,
            group_id=cast.group,
            begins_on=YEAR_BEGINS_ON,
            ends_on=None,
            by_id=cast.people["brandt"],
            at=NOW,
        )
        commit()
        session().close()


def test_under_conversation_only_a_share_opens_nothing_online_and_noor_is_told(
    client_of, make_report, cast, app
):
    number = make_report("answered")
    set_policy(app, cast, policy.PolicyKind.CONVERSATION_ONLY)
    page = share(client_of, number, whom=str(cast.people["fatima"]))
    assert "voor het gesprek" in page.words
    client_of("fatima").get(f"/verslagen/{number}", status=404)


def test_under_at_moment_what_is_answered_opens_on_the_day_of_the_conversation(
    client_of, make_report, cast, app, clock
):
    number = make_report("answered")
    set_policy(app, cast, policy.PolicyKind.AT_MOMENT)
    client_of("fatima").get(f"/verslagen/{number}", status=404)
    clock.move_to(NOW + (date(2026, 12, 11) - NOW.date()))
    client_of("fatima").sign_in("fatima").get(f"/verslagen/{number}")
    client_of("hassan").sign_in("hassan").get(f"/verslagen/{number}", status=404)


def test_a_counsellor_reads_only_what_noor_shares_with_them(client_of, make_report, cast):
    number = make_report("answered")
    client_of("winter").get(f"/verslagen/{number}", status=404)
    share(client_of, number, whom=str(cast.people["winter"]))
    assert f"/verslagen/{number}" in client_of("winter").get("/").links()
    client_of("winter").get(f"/verslagen/{number}")
