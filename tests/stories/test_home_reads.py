"""Home reads what was shared, through an account or a link, and never anything else."""

import re
from datetime import date, timedelta

import pytest

from reflect.store import keep, session
from reflect.trust import policy
from tests.cast import BEGAN, NOW


def share(as_, number, **fields):
    noor = as_("noor")
    noor.get(f"/verslagen/{number}/delen")
    return noor.post(f"/verslagen/{number}/delen", fields)


def link_of(page):
    return re.search(r"http://[^\"<]+(/gedeeld/[\w-]+)", page.html).group(1)


def test_fatima_reads_once_noor_shares_and_noor_sees_that_she_did(as_, told, cast):
    number = told("answered")
    as_("fatima").get(f"/verslagen/{number}", status=404)
    share(as_, number, whom=str(cast.people["fatima"]))
    home = as_("fatima").get("/")
    assert f"/verslagen/{number}" in home.links()
    page = as_("fatima").get(f"/verslagen/{number}")
    assert "haal je links en rechts" in page.html
    assert "Geheim" not in page.html
    assert "mag ik iets vragen" not in page.html
    assert "Fatima Amrani" in as_("noor").get(f"/verslagen/{number}/gelezen").words


def test_the_other_parent_and_other_parents_see_nothing_of_a_share(as_, told, cast):
    number = told("answered")
    share(as_, number, whom=str(cast.people["fatima"]))
    for name in ("hassan", "karin", "sam", "bakker", "visser", "winter", "beheer"):
        as_(name).get(f"/verslagen/{number}", status=404)


def test_noor_cannot_share_with_whom_the_school_does_not_name(as_, told, cast):
    number = told("answered")
    noor = as_("noor")
    noor.get(f"/verslagen/{number}/delen")
    noor.post(f"/verslagen/{number}/delen", {"whom": str(cast.people["hassan"])}, status=422)


def test_a_share_begins_and_ends_on_the_days_that_noor_chose(as_, told, cast, clock):
    number = told("answered")
    share(as_, number, whom=str(cast.people["fatima"]), first_day="2026-11-26", last_day="2026-11-27")
    as_("fatima").get(f"/verslagen/{number}", status=404)
    for days, status in ((2, 200), (3, 200), (4, 404)):
        clock.move_to(NOW + timedelta(days=days))
        browser = as_("fatima").sign_in("fatima")
        browser.get(f"/verslagen/{number}", status=status)


def test_the_last_day_before_the_first_is_said_at_the_field(as_, told, cast):
    number = told("answered")
    noor = as_("noor")
    noor.get(f"/verslagen/{number}/delen")
    fields = {"whom": str(cast.people["fatima"]), "first_day": "2026-12-02", "last_day": "2026-12-01"}
    page = noor.post(f"/verslagen/{number}/delen", fields, status=422)
    assert "ligt vóór de eerste" in page.words
    assert page.field("first_day") == "2026-12-02"


def test_stopping_a_share_closes_it_at_once(as_, told, cast):
    number = told("answered")
    page = share(as_, number, whom=str(cast.people["fatima"]))
    as_("fatima").get(f"/verslagen/{number}")
    stop = next(form["action"] for form in page.all("form") if "stoppen" in form.get("action", ""))
    as_("noor").post(stop)
    as_("fatima").get(f"/verslagen/{number}", status=404)


def test_a_link_has_a_door_that_writes_nothing_and_a_post_that_opens(as_, told):
    number = told("answered")
    link = link_of(share(as_, number, whom="link", label="Oma"))
    visitor = as_("nobody")
    door = visitor.get(link)
    assert "haal je links en rechts" not in door.html
    assert "Oma" not in as_("noor").get(f"/verslagen/{number}/gelezen").words
    opened = visitor.post(link)
    assert "haal je links en rechts" in opened.html
    listed = as_("noor").get(f"/verslagen/{number}/gelezen").words
    assert "Oma" in listed
    assert "via je link" in listed


def test_a_link_is_shown_once_and_its_token_is_nowhere_kept(as_, told, app):
    number = told("answered")
    link = link_of(share(as_, number, whom="link", label="Oma"))
    assert link not in as_("noor").get(f"/verslagen/{number}/delen").html
    token = link.rsplit("/", 1)[1]
    assert len(token) >= 22, "at least 128 bits"
    with app.app_context():
        dump = "".join(str(row) for row in session().connection().exec_driver_sql("select * from share").all())
        assert token not in dump
        session().close()


@pytest.mark.parametrize("change", ["stop", "end", "wrong"])
def test_an_old_or_wrong_link_is_a_closed_door_that_tells_nothing(as_, told, clock, change):
    number = told("answered")
    page = share(as_, number, whom="link", label="Oma", last_day="2026-11-25")
    link = link_of(page)
    if change == "stop":
        as_("noor").post(next(form["action"] for form in page.all("form") if "stoppen" in form.get("action", "")))
    elif change == "end":
        clock.move_to(NOW + timedelta(days=2))
    visitor = as_("nobody")
    visitor.get(link)
    closed = visitor.post(link if change != "wrong" else f"{link}x", status=404)
    assert "niet (meer) open" in closed.words
    assert "Noor" not in closed.words


def test_the_preview_shows_what_home_would_see_and_shares_nothing(as_, told):
    number = told("answered")
    page = as_("noor").get(f"/verslagen/{number}/voorbeeld")
    assert "haal je links en rechts" in page.html
    assert "Geheim" not in page.html
    as_("fatima").get(f"/verslagen/{number}", status=404)


def set_policy(app, cast, kind):
    with app.app_context():
        policy.set_policy(kind, group_id=cast.group, begins_on=BEGAN, ends_on=None, by_id=cast.people["brandt"], at=NOW)
        keep()
        session().close()


def test_under_conversation_only_a_share_opens_nothing_online_and_noor_is_told(as_, told, cast, app):
    number = told("answered")
    set_policy(app, cast, policy.Kind.CONVERSATION_ONLY)
    page = share(as_, number, whom=str(cast.people["fatima"]))
    assert "voor het gesprek" in page.words
    as_("fatima").get(f"/verslagen/{number}", status=404)


def test_under_at_moment_what_is_answered_opens_on_the_day_of_the_conversation(as_, told, cast, app, clock):
    number = told("answered")
    set_policy(app, cast, policy.Kind.AT_MOMENT)
    as_("fatima").get(f"/verslagen/{number}", status=404)
    clock.move_to(NOW + (date(2026, 12, 11) - NOW.date()))
    as_("fatima").sign_in("fatima").get(f"/verslagen/{number}")
    as_("hassan").sign_in("hassan").get(f"/verslagen/{number}", status=404)


def test_a_counsellor_reads_only_what_noor_shares_with_them(as_, told, cast):
    number = told("answered")
    as_("winter").get(f"/verslagen/{number}", status=404)
    share(as_, number, whom=str(cast.people["winter"]))
    assert f"/verslagen/{number}" in as_("winter").get("/").links()
    as_("winter").get(f"/verslagen/{number}")
