"""The application: settings, database, languages, the door and the screens, put together."""

from datetime import timedelta

from reflect import log, places, settings, store
from reflect.settings import Settings
from reflect.web import assets, door, evidence, odd_moments, packing, speech
from reflect.web.answering import answering
from reflect.web.booklet import read_here
from reflect.web.evidence import proof
from reflect.web.giving import giving
from reflect.web.keeping import keeping
from reflect.web.mentor import mentor
from reflect.web.phrases import own_phrases
from reflect.web.printing import printing
from reflect.web.reading_along import read_along
from reflect.web.reports import reports
from reflect.web.sharing import sharing
from reflect.web.student import student
from reflect.web.taking import taking
from reflect.web.teacher import teacher
from reflect.web.writing import desk


def create_app(given: Settings | None = None) -> store.House:
    """Make the application: settings, database, languages, door, screens. Raises WrongSetting."""
    house = given or settings.read()
    log.attach()
    app = store.House("reflect", template_folder=str(places.TEMPLATES), static_folder=None)
    app.config.from_mapping(
        SECRET_KEY=house.secret,
        SESSION_COOKIE_NAME="__Host-reflect" if house.https else "reflect",
        SESSION_COOKIE_SECURE=house.https,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=house.session_hours),
        MAX_CONTENT_LENGTH=4 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as the session; a long evening of writing must not end it
        SQLALCHEMY_TRACK_MODIFICATIONS=False,
    )
    app.extensions["reflect"] = house
    store.attach(app, database=house.database)
    assets.attach(app)
    packing.attach(app)
    speech.attach(app, house)
    odd_moments.attach(app)
    evidence.attach(app)
    door.attach(app)
    for screens in (
        reports, keeping, student, desk, proof, sharing, teacher, answering, giving, own_phrases, read_along,
        mentor, printing, taking, read_here,
    ):  # fmt: skip
        app.register_blueprint(screens)
    return app
