"""Peer review: no suggestion is lost or overwritten, it is decided on once, and only two see it."""

import pytest
import sqlalchemy as sa

from reflect.db.session import session
from reflect.errors import InvalidReviewer, InvalidTransition, NoteTooLong, NotFound
from reflect.peer_review import review_loading, reviews
from reflect.peer_review.reviews import ReviewRequest, Suggestion, SuggestionDecision
from reflect.reports import revisions
from reflect.reports.conflicts import Outcome
from reflect.reports.report import Revision, Voice
from reflect.reports.workflow import Action
from reflect.school import ties
from tests.cast import NOW, YEAR_BEGINS_ON
from tests.conftest import report_in_state, save_texts


@pytest.fixture
def report(active_app, cast):
    """Noor's report with the begin of an answer, in a course that two teachers teach."""
    session().add(
        ties.Teaching(
            person_id=cast.people["bakker"], course_id=cast.course, begins_on=YEAR_BEGINS_ON
        )
    )
    session().flush()
    report = report_in_state(cast, "handed_in", student="noor", course=cast.course, at=NOW)
    answer(report, cast, {"begrijp": {"text": "Eerste antwoord."}})
    return report


@pytest.fixture
def review_request(report, cast):
    return reviews.request_review(
        report, cast.people["bakker"], note="Kijk je mee?", by=cast.actor("dewit"), at=NOW
    )


def answer(report, cast, texts):
    return save_texts(report, Action.WRITE_ANSWER, texts, by=cast.actor("dewit"), at=NOW)


def suggest(
    review_request,
    cast,
    text,
    *,
    section="begrijp",
    field="text",
    page="page",
    number=1,
    version=0,
    based_on=None,
):
    """Save a suggestion as the colleague's page does; return its outcome."""
    own = review_loading.own_suggestions(review_request)
    revision_id = based_on or own.base_revision_ids[section]
    saved = reviews.save_suggestions(
        review_request,
        {section: {field: text, reviews.BASED_ON_FIELD: str(revision_id)}},
        base_version=version,
        save_key=f"{page}.{number}",
        by=cast.actor("bakker"),
        at=NOW,
    )
    return saved.outcomes[section]


def current_suggestion(review_request):
    return review_loading.own_suggestions(review_request).current.get(("begrijp", "text"))


def all_suggestions():
    return session().scalars(sa.select(Suggestion).order_by(Suggestion.id)).all()


def suggested_texts():
    return [row.text for row in all_suggestions()]


def current_answer(report, section):
    latest = revisions.latest_revisions([report.id], voice=Voice.TEACHER)[report.id]
    return latest[section].content


def test_only_a_teacher_of_the_course_is_asked_and_by_a_teacher_of_it(report, cast):
    def request_review(reviewer, by, note=""):
        reviews.request_review(report, cast.people[reviewer], note=note, by=cast.actor(by), at=NOW)

    for reviewer in ("visser", "noor", "dewit", "smit"):
        with pytest.raises(InvalidReviewer):
            request_review(reviewer, "dewit")
    for by in ("noor", "smit", "brandt"):
        with pytest.raises(NotFound):
            request_review("bakker", by)
    with pytest.raises(NoteTooLong):
        request_review("bakker", "dewit", "x" * (reviews.MAX_NOTE_LENGTH + 1))
    answer(report, cast, {"overall": {"seen": "Goed gezien."}})
    report.answer(by=cast.actor("dewit"), at=NOW)
    with pytest.raises(InvalidTransition):
        request_review("bakker", "dewit")


def test_what_is_left_as_it_is_suggests_nothing(review_request, cast):
    assert suggest(review_request, cast, "Eerste antwoord.") is Outcome.SAME
    assert not suggested_texts()


def test_to_go_back_to_the_answer_as_it_is_is_a_change_too(review_request, cast):
    assert suggest(review_request, cast, "Anders.") is Outcome.WRITTEN
    assert suggest(review_request, cast, "Eerste antwoord.", number=2) is Outcome.WRITTEN
    assert suggested_texts() == ["Anders.", "Eerste antwoord."]


def test_to_suggest_that_everything_goes_is_a_suggestion(review_request, cast):
    assert suggest(review_request, cast, "") is Outcome.WRITTEN


def test_a_repeated_save_is_kept_once_and_one_that_was_overtaken_is_not_current(
    review_request, cast
):
    assert suggest(review_request, cast, "een twee", number=2) is Outcome.WRITTEN
    assert suggest(review_request, cast, "een twee", number=2) is Outcome.SAME
    assert suggest(review_request, cast, "een", number=1) is Outcome.STALE
    assert current_suggestion(review_request) == "een twee"
    assert suggested_texts() == ["een twee", "een"]


def test_two_windows_of_the_colleague_keep_both_texts(review_request, cast):
    assert suggest(review_request, cast, "in het ene", page="one") is Outcome.WRITTEN
    assert suggest(review_request, cast, "in het andere", page="other") is Outcome.CONFLICT
    own = review_loading.own_suggestions(review_request)
    assert own.current["begrijp", "text"] == "in het ene"
    assert own.conflicts["begrijp", "text"] == ("in het andere",)
    later = suggest(review_request, cast, "later verder", page="third", version=own.version)
    assert later is Outcome.WRITTEN


def test_a_text_that_is_too_long_is_refused_and_not_cut_off(review_request, cast):
    assert suggest(review_request, cast, "x" * 20_001) is Outcome.TOO_LONG
    assert not suggested_texts()


def test_what_arrives_after_the_end_is_kept_as_a_conflict(review_request, cast):
    review_request.end(by=cast.actor("dewit"), at=NOW)
    assert suggest(review_request, cast, "te laat") is Outcome.CONFLICT
    assert suggested_texts() == ["te laat"]


def test_only_the_two_teachers_end_a_review(review_request, cast):
    with pytest.raises(NotFound):
        review_request.end(by=cast.actor("smit"), at=NOW)


def test_a_suggestion_is_never_based_on_a_revision_of_something_else(review_request, cast):
    for revision_id in ("999", "x", "1"):
        suggest(review_request, cast, f"op {revision_id}", page=revision_id, based_on=revision_id)
    assert {row.based_on_id for row in all_suggestions()} == {None}


def test_to_accept_makes_a_version_of_the_answer_and_is_done_once(review_request, cast, report):
    suggest(review_request, cast, "Beter antwoord.")
    (suggestion,) = all_suggestions()
    with pytest.raises(NotFound):
        suggestion.accept(by=cast.actor("bakker"), at=NOW)
    suggestion.accept(by=cast.actor("dewit"), at=NOW)
    suggestion.accept(by=cast.actor("dewit"), at=NOW)
    suggestion.decline(by=cast.actor("dewit"), at=NOW)
    assert suggestion.decision is SuggestionDecision.ACCEPTED
    rows = session().scalars(
        sa.select(Revision)
        .where(Revision.report_id == report.id, Revision.voice == Voice.TEACHER)
        .order_by(Revision.id)
    )
    assert [row.content["text"] for row in rows] == ["Eerste antwoord.", "Beter antwoord."]


def test_a_page_that_still_shows_an_accepted_suggestion_adds_nothing(review_request, cast):
    suggest(review_request, cast, "Beter antwoord.")
    (suggestion,) = all_suggestions()
    suggestion.accept(by=cast.actor("dewit"), at=NOW)
    assert suggest(review_request, cast, "Beter antwoord.", number=7) is Outcome.SAME


def test_what_the_teacher_changed_meanwhile_stays_and_other_fields_are_no_conflict(
    review_request, cast, report
):
    answer(report, cast, {"overall": {"seen": "Ik zie dit."}})
    for field, text in (("seen", "Ik zie dat."), ("next", "Doe dit.")):
        suggest(review_request, cast, text, section="overall", field=field)
    answer(report, cast, {"overall": {"seen": "Ik zag dit.", "next": ""}})
    seen, following = all_suggestions()
    assert not following.accept(by=cast.actor("dewit"), at=NOW).conflicts
    assert seen.accept(by=cast.actor("dewit"), at=NOW).conflicts == ["overall"]
    assert current_answer(report, "overall") == {"seen": "Ik zag dit.", "next": "Doe dit."}
    (conflict,) = revisions.conflicts_of(report, voice=Voice.TEACHER)["overall"]
    assert conflict.content == {"seen": "Ik zie dat.", "next": "Doe dit."}


def test_a_declined_suggestion_stays_in_the_list_after_a_newer_one(review_request, cast, report):
    suggest(review_request, cast, "Eerste voorstel.")
    (suggestion,) = all_suggestions()
    suggestion.decline(by=cast.actor("dewit"), at=NOW)
    suggest(review_request, cast, "Tweede voorstel.", number=2)
    panel = review_loading.panel_for_report(
        report, {("begrijp", "text"): "Eerste antwoord."}, (), by=cast.actor("dewit"), at=NOW
    )
    listed = panel.suggestions_by_field["begrijp", "text"]
    assert [(view.text, view.decision) for view in listed] == [
        ("Tweede voorstel.", None),
        ("Eerste voorstel.", SuggestionDecision.DECLINED),
    ]


def test_only_the_two_teachers_see_anything_of_it(review_request, cast, report):
    suggest(review_request, cast, "Beter antwoord.")
    (suggestion,) = all_suggestions()
    for name in cast.people:
        viewer = cast.actor(name)
        is_teacher, is_reviewer = name == "dewit", name == "bakker"
        assert bool(review_loading.open_requests_to_me(by=viewer, at=NOW)) is is_reviewer
        panel = review_loading.panel_for_report(report, {}, (), by=viewer, at=NOW)
        assert bool(panel.requests) is is_teacher
        assert bool(panel.suggestions_by_field) is is_teacher
        if not is_teacher and not is_reviewer:
            with pytest.raises(NotFound):
                review_loading.get_request_or_404(review_request.id, by=viewer, at=NOW)
        if not is_teacher:
            with pytest.raises(NotFound):
                review_loading.get_suggestion_or_404(suggestion.id, by=viewer, at=NOW)


def test_a_colleague_who_left_the_course_sees_nothing_any_more(review_request, cast):
    is_teaching = ties.Teaching.person_id == cast.people["bakker"]
    session().execute(sa.update(ties.Teaching).where(is_teaching).values(ends_on=YEAR_BEGINS_ON))
    with pytest.raises(NotFound):
        review_loading.load_request_to_me(review_request.id, by=cast.actor("bakker"), at=NOW)


def test_a_request_is_kept_when_another_one_follows_it(review_request, report, cast):
    review_request.end(by=cast.actor("bakker"), at=NOW)
    again = reviews.request_review(
        report, cast.people["bakker"], note="Nog eens?", by=cast.actor("dewit"), at=NOW
    )
    assert again is not review_request
    assert len(session().scalars(sa.select(ReviewRequest)).all()) == 2
