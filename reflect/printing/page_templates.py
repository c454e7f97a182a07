"""Fill the templates of prints: the whole in one language, and each report in its own."""

from flask import current_app
from flask_babel import force_locale
from markupsafe import Markup

from reflect.access.view_models import ReportView


def render(template_name: str, *, language: str, **context: object) -> str:
    """Return a filled template, in this language.

    A template includes another one in a report's language with
    `in_its_language(template_name, report_view)`.
    """

    def in_its_language(report_template: str, report_view: ReportView) -> Markup:
        with force_locale(report_view.language):
            template = current_app.jinja_env.get_template(report_template)
            html = template.render(
                whole_context, language=report_view.language, report_view=report_view
            )
        return Markup(html)  # noqa: S704 - our own template escaped it

    whole_context = {**context, "language": language, "in_its_language": in_its_language}
    with force_locale(language):
        # Flask's own render_template needs a request, and commands print too.
        return current_app.jinja_env.get_template(template_name).render(whole_context)
