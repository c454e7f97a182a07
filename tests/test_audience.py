"""Every sentence about who can read, compared with the oracle in a random school and its pages."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
import sqlalchemy as sa

from reflect.access import audience, permissions, report_loading, share
from reflect.access.permissions import WHO_SEES, ProspectiveViewer, ShareLinkViewer
from reflect.access.policy import PolicyKind
from reflect.access.share import Audience, SectionGrant
from reflect.access.view_models import ReportPart
from reflect.db.session import commit, session
from reflect.reports.report import Report
from reflect.reports.workflow import State
from reflect.school import sessions
from reflect.school.people import Actor, Person
from reflect.school.ties import DutyKind
from tests import random_school
from tests.cast import NOW, TODAY
from tests.conftest import DATABASE_KINDS, CheckedClient
from tests.oracle import Oracle
from tests.random_school import LETTER, PRIVATE

TEXT_PARTS = {ReportPart.TEXT, ReportPart.ANSWERED_TEXT}
PAGES = 24


@pytest.fixture(scope="module", params=DATABASE_KINDS)
def database_kind(request):
    return request.param


@pytest.fixture(scope="module")
def school_app(shared_apps, database_kind, tmp_path_factory):
    shared_app = shared_apps(database_kind)
    folder = tmp_path_factory.mktemp("audience")
    app = shared_app.use_copy_of_cast(folder)
    with app.app_context():
        school = random_school.generate_school(forms=shared_app.cast.forms, size=70, seed=1313)
        commit()
        session().close()
    yield app, school
    shared_app.forget(folder)


@pytest.fixture
def school(school_app):
    app, school = school_app
    with app.app_context():
        yield school
        session().rollback()


def student_of(facts):
    return Actor(id=facts.student, name="", given_name="", today=TODAY)


def everybody(school, facts):
    """Return who is not the student: (person, 0), and the links of this report: (0, share)."""
    links = [(0, link) for link, person, *_ in facts.shares if person is None]
    return [(person, 0) for person in school.people if person != facts.student] + links


def has_ended(facts, share_id):
    return not any(
        begins <= NOW and ends and ends > NOW and not revoked
        for link, _, begins, ends, revoked in facts.shares
        if link == share_id
    )


def expected_readers(oracle, facts):
    """Return by reader which parts and opened sections they have, where that is any text."""
    readers = {}
    for person, link in everybody(oracle.school, facts):
        # The page of a link that is over does not open, whatever the policy shows at home.
        if link and has_ended(facts, link):
            continue
        parts = oracle.visible_parts(person, link, facts)
        if parts & TEXT_PARTS:
            readers[person, link] = (parts, oracle.sections_opened_to(person, link, facts))
    return readers


def found_readers(readers):
    return {
        (one.person_id, one.share_id): (set(one.parts), set(one.opened_sections)) for one in readers
    }


def wrong_readers(school):
    """Return the reports of which the readers are not those of the oracle, now or handed in."""
    oracle, wrong = Oracle(school), []
    for facts in school.reports:
        report, by = session().get(Report, facts.id), student_of(facts)
        if found_readers(audience.readers_of(report, by=by, at=NOW)) != expected_readers(
            oracle, facts
        ):
            wrong.append(facts.id)
        # The text of another moment would change no right.
        handed_in = replace(facts, handed_in=facts.handed_in or {})
        found = found_readers(audience.readers_once_handed_in(report, by=by, at=NOW))
        if found != expected_readers(oracle, handed_in):
            wrong.append(facts.id)
    return wrong


def test_who_can_read_is_who_reads_by_the_oracle(school):
    assert len(school.reports) > 200
    assert not wrong_readers(school)


def wrong_previews(school):
    """Return the previews that are not what the person sees once it is shared with them."""
    oracle, wrong = Oracle(school), []
    for facts in school.reports:
        guardians = [
            person for person, student, *_ in school.guardianships if student == facts.student
        ]
        counsellors = [person for person, duty, *_ in school.duties if duty is DutyKind.COUNSELLOR]
        for person in {*guardians, *counsellors[:2]}:
            shared = replace(facts, shares=[*facts.shares, (-1, person, NOW, None, None)])
            viewer = ProspectiveViewer(person, TODAY, if_shared=True)
            if not is_as_the_oracle(oracle, shared, person, 0, viewer):
                wrong.append((facts.id, person))
        for link, person, *_ in facts.shares:
            viewer = ShareLinkViewer(link, TODAY)
            if person is None and not is_as_the_oracle(oracle, facts, 0, link, viewer):
                wrong.append((facts.id, "link", link))
        # A link that is still to be made: nothing has been ticked for it.
        shared = replace(facts, shares=[*facts.shares, (-1, None, NOW, random_end(), None)])
        viewer = ProspectiveViewer(0, TODAY, if_shared=True)
        if not is_as_the_oracle(oracle, shared, 0, -1, viewer):
            wrong.append((facts.id, "new link"))
    return wrong


def random_end():
    return NOW.replace(year=NOW.year + 1)


def is_as_the_oracle(oracle, facts, person, link, viewer):
    view = report_loading.load_home_preview(facts.id, viewer=viewer, by=student_of(facts), at=NOW)
    parts = oracle.visible_parts(person, link, facts)
    opened = oracle.sections_opened_to(person, link, facts)
    if {*view.visible_parts} - {ReportPart.OPENED_SECTIONS} != parts:
        return False
    shown = {one.section.key for one in view.sections if one.section.is_confidential}
    may_see = opened | ({LETTER} if ReportPart.LETTER in parts else set())
    return shown == (may_see if parts else set())


def test_a_preview_is_what_that_person_sees_once_it_is_shared(school):
    assert not wrong_previews(school)


RELATION_OF = {
    Audience.TEACHER: "teacher",
    Audience.MENTOR: "mentor",
    Audience.HOME: "guardian",
    Audience.COUNSELLOR: "counsellor",
}


def wrong_audiences(school):
    """Return the sections whose sentence names others than those to whom they are open."""
    wrong = []
    for facts in school.reports:
        report = session().get(Report, facts.id)
        form = report_loading.load(facts.id, by=student_of(facts), at=NOW).form
        found = audience.section_audiences(
            report, list(form.sections), by=student_of(facts), at=NOW
        )
        for key in (PRIVATE, LETTER):
            relations, links = {"teacher"} if key == LETTER else set(), set()
            for section, one, link, is_open in facts.section_grants:
                if section == key and is_open and link is None:
                    relations.add(RELATION_OF[one])
                elif section == key and is_open and not is_over(facts, link):
                    links.add(link)
            if (set(found[key].relations), set(found[key].links)) != (relations, links):
                wrong.append((facts.id, key))
    return wrong


def is_over(facts, share_id):
    (found,) = [one for one in facts.shares if one[0] == share_id]
    _, _, _, ends, revoked = found
    return revoked is not None or ends is None or ends <= NOW


def test_the_sentence_at_a_section_names_to_whom_it_is_open(school):
    assert not wrong_audiences(school)


def wrong_notices(school):
    """Return the reports of which the page says something else about home than the policy does."""
    oracle, wrong = Oracle(school), []
    for facts in school.reports:
        report = session().get(Report, facts.id)
        sentences = audience.home_notices(report, by=student_of(facts))
        policies = oracle.policies_of(facts.student)
        if not oracle.is_running(school.course_years[facts.course]):
            policies = policies - {PolicyKind.AT_MOMENT}
        says_not_shared = any("do not share" in one.msgid for one in sentences)
        is_choice = not policies - {PolicyKind.STUDENT_CHOICE}
        if says_not_shared != is_choice:
            wrong.append(facts.id)
    return wrong


def test_what_home_sees_by_itself_is_said_by_the_policy(school):
    assert not wrong_notices(school)


# Mistakes in the table, or in how a sentence is made of it: the comparison must notice each.


def cell(part, relation, condition):
    row = list(WHO_SEES[part])
    row[list(permissions.VIEWER_RELATIONS).index(relation)] = condition
    return lambda patch: patch.setitem(WHO_SEES, part, tuple(row))


def _carries_what_home_reads():
    return sa.and_(SectionGrant.audience == Audience.HOME, permissions.shared_or_shown_by_policy())


# A name, by which a sentence and README know a cell.
_carries_what_home_reads.__name__ = "if_opened_and_shared_or_shown_by_policy"


def _without_links(report, *, by, at, of=share.section_grants_of):
    return replace(of(report, by=by, at=at), links={})


MISTAKES = {
    "a mentor reads what was handed in": (
        cell(ReportPart.TEXT, "mentor", permissions.handed_in), wrong_readers
    ),
    "a guardian reads without a share": (
        cell(ReportPart.TEXT, "guardian", permissions.handed_in), wrong_readers
    ),
    "a link carries what is open at home": (
        cell(ReportPart.OPENED_SECTIONS, "guardian", _carries_what_home_reads), wrong_previews
    ),
    "a preview forgets the policy": (
        lambda patch: patch.setattr(
            permissions.policy, "closes_online", lambda student_id, *, on: sa.false()
        ),
        wrong_previews,
    ),
    "a letter is for the mentor": (
        cell(ReportPart.LETTER, "mentor", permissions.answered), wrong_audiences
    ),
    "a sentence forgets the links": (
        lambda patch: patch.setattr(share, "section_grants_of", _without_links), wrong_audiences
    ),
    "every policy is the student's choice": (
        lambda patch: patch.setattr(
            audience.policy, "kind_for", lambda student_id, *, on: PolicyKind.STUDENT_CHOICE
        ),
        wrong_notices,
    ),
}  # fmt: skip


@pytest.fixture
def fresh_statements():
    """Build the statements anew, and forget afterwards those that a mistake was built into."""
    made = (
        audience._facts_sql,
        report_loading._records_sql,
        permissions.opened_sections_sql,
    )

    def forget():
        for statement in made:
            statement.cache_clear()

    yield forget
    forget()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True, scope="module")
@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.slow
def test_every_seeded_mistake_is_noticed(school, fresh_statements, name):
    make_mistake, compare = MISTAKES[name]
    with pytest.MonkeyPatch.context() as patch:
        make_mistake(patch)
        fresh_statements()
        assert compare(school), f"nobody noticed: {name}"


# The pages show these sentences, and no other.


@contextmanager
def browser_of(app, person_id):
    """Be a person of the random school, who has no password, in a browser of their own."""
    with app.app_context():
        token = sessions.begin_session(
            session().get(Person, person_id), browser=sessions.UNKNOWN_BROWSER, at=NOW
        )
        commit()
        session().close()
    client = CheckedClient(app)
    with client.client.session_transaction() as cookie:
        cookie["sign_in"] = token
    yield client


def said(app, sentences):
    """Return each sentence in Dutch, as a page says it."""
    from reflect.web.formatting import say

    with app.test_request_context("/", headers={"Accept-Language": "nl"}):
        from flask import g

        g.now, g.today = NOW, TODAY
        return [" ".join(say(sentence).split()) for sentence in sentences]


@pytest.mark.usefixtures("clock")
def test_each_page_shows_the_sentences_of_its_report(school_app):
    app, school = school_app
    for facts in school.reports[:: max(1, len(school.reports) // PAGES)]:
        with app.app_context():
            report, by = session().get(Report, facts.id), student_of(facts)
            state = report.state
            form = report_loading.load(facts.id, by=by, at=NOW).form
            readers = audience.readers_of(report, by=by, at=NOW)
            once_handed_in = audience.readers_once_handed_in(report, by=by, at=NOW)
            sections = audience.section_audiences(report, list(form.sections), by=by, at=NOW)
            notices = audience.home_notices(report, by=by)
            session().close()
        phrases = {key: said(app, one.phrases) for key, one in sections.items()}
        with browser_of(app, facts.student) as browser:
            page = browser.get(f"/verslagen/{facts.id}/delen")
            for sentence in said(app, [reader.who for reader in readers]):
                assert sentence in page.words, facts.id
            for sentence in said(app, notices):
                assert sentence in page.words, facts.id
            for key, one in sections.items():
                assert said(app, [one.choice])[0] in page.words, (facts.id, key)
            if state in (State.DRAFT, State.RETURNED):
                writing = browser.get(f"/verslagen/{facts.id}/schrijven").words
                handing_in = browser.get(f"/verslagen/{facts.id}/inleveren").words
                for key in (PRIVATE, LETTER):
                    for phrase in phrases[key]:
                        assert phrase in writing, (facts.id, key)
                        assert phrase in handing_in, (facts.id, key)
                for reader in once_handed_in:
                    if reader.reads_handed_in and not reader.is_teacher:
                        assert said(app, [reader.who])[0] in handing_in, facts.id
                is_for_teacher = "teacher" in sections[PRIVATE].relations
                assert ("Deze onderdelen leest je docent niet" in handing_in) != is_for_teacher
