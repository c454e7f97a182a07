"""The application: everything that create_app puts together, in the order in which it matters."""

from datetime import timedelta

from werkzeug.middleware.proxy_fix import ProxyFix

from reflect import logs, paths, settings
from reflect.db import session
from reflect.db.session import App
from reflect.settings import Settings
from reflect.web import (
    account,
    assets,
    auth,
    compression,
    converters,
    error_handlers,
    health,
    i18n_setup,
    jinja_setup,
    security_headers,
    sending_limit,
    speculative,
)
from reflect.web.base_address import FixedBaseAddress
from reflect.web.guardian import children, share_link
from reflect.web.mentor import groups, print_progress
from reflect.web.shared import booklet, editor_api, evidence_files, reports
from reflect.web.student import (
    closing,
    export,
    growth_path,
    report_actions,
    sharing,
    versions,
    writing,
)
from reflect.web.teacher import (
    answering,
    bulk_release,
    courses,
    peer_review,
    phrases,
    quiet_hours,
)

# A request with a body: the largest form is an answer to every section, with its remarks.
MAX_BODY_BYTES = 4 * 1024 * 1024

# A blueprint has the name of its module, and so has the first half of its endpoints.
BLUEPRINTS = (
    health.health,
    auth.auth,
    account.account,
    reports.reports,
    booklet.booklet,
    editor_api.editor_api,
    evidence_files.evidence_files,
    writing.writing,
    versions.versions,
    closing.closing,
    report_actions.report_actions,
    sharing.sharing,
    growth_path.growth_path,
    export.export,
    courses.courses,
    answering.answering,
    bulk_release.bulk_release,
    phrases.phrases,
    peer_review.peer_review,
    groups.groups,
    print_progress.print_progress,
    children.children,
    share_link.share_link,
)


def create_app(settings_override: Settings | None = None) -> App:
    """Return the application with its database, languages, headers and views.

    The settings are read from the environment where none are given. Raises InvalidSetting.
    """
    config = settings_override or settings.load()
    logs.configure()
    # No static folder: `reflect.web.assets` serves those files, under a version in their address.
    app = App("reflect", template_folder=str(paths.TEMPLATES), static_folder=None)
    app.config.from_mapping(_flask_config(config))
    app.extensions["reflect"] = config
    # Only where a proxy is known to be in front. Otherwise anybody could choose the address that
    # the limit on sign-in attempts counts, by sending the header.
    if config.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=config.proxies, x_proto=config.proxies
        )
    app.wsgi_app = FixedBaseAddress(  # type: ignore[method-assign]  # Flask's documented way
        app.wsgi_app, config.base_url
    )
    # First of all. Whether a request may write is decided before anything reads, and the commit
    # comes last, since after_request runs backwards.
    session.init_app(app, database_url=config.database)
    assets.init_app(app)
    compression.init_app(app)  # after_request runs backwards: packed after the headers are set
    i18n_setup.init_app(app, config)
    jinja_setup.init_app(app, config)
    quiet_hours.init_app(app)
    speculative.init_app(app)  # before auth: what is fetched ahead is no use of a session
    evidence_files.init_app(app)  # raises the body limit before auth reads the form for its token
    auth.init_app(app)
    session.check_after_slow_work(app, auth.check_session_again)
    sending_limit.init_app(app)  # after auth, which knows whose request it is
    security_headers.init_app(app)
    error_handlers.init_app(app)
    converters.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def _flask_config(config: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": config.secret,
        # A browser accepts a __Host- cookie over https only, and from this very host: no other
        # site of the school's domain can plant one.
        "SESSION_COOKIE_NAME": "__Host-reflect" if config.https else "reflect",
        "SESSION_COOKIE_SECURE": config.https,
        # With "Strict", a link in a mail would open as if nobody were signed in.
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=config.session_hours),
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        # Flask's own limit for the fields of a form is half a megabyte, less than the body may
        # be.
        "MAX_FORM_MEMORY_SIZE": MAX_BODY_BYTES,
        # The token lives as long as the session: a long evening of writing must not end it.
        "WTF_CSRF_TIME_LIMIT": None,
        "SQLALCHEMY_TRACK_MODIFICATIONS": False,
    }
