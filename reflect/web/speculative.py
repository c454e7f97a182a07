"""Requests whose page nobody sees yet: they get no page, so that nothing of it is a reading.

A browser fetches what a person might open next, a messenger draws a preview of a link, a scanner
follows it. When a person then opens the page, the browser asks again, since it throws away what it
fetched ahead and did not get.
"""

import re

from flask import Flask, request

from reflect.errors import SpeculativeRequest
from reflect.web.auth import ANONYMOUS_ENDPOINTS

# The last three are from before the first became the standard; some still send them.
_PURPOSE_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_SPECULATIVE_PURPOSE = re.compile(r"\b(prefetch|prerender|preview|instant)\b", re.IGNORECASE)
# What draws a preview of a link in a message, by the name that it sends.
_PREVIEW_AGENT = re.compile(
    r"""
    ^WhatsApp/ | ^Slackbot | ^facebookexternalhit/ | ^facebookcatalog/ | ^meta-externalagent/
    | ^Twitterbot/ | ^TelegramBot | ^LinkedInBot/ | ^Iframely/ | ^SkypeUriPreview | ^Mastodon/
    | \b( Discordbot | SkypeUriPreview | BingPreview | Google-PageRenderer | redditbot
        | Applebot | Googlebot | bingbot | pinterestbot | vkShare | Embedly | SignalPreview )\b
    """,
    re.VERBOSE,
)


def init_app(app: Flask) -> None:
    """Refuse such requests to `app`, for all pages at one place.

    To be called before `auth.init_app`: fetching ahead must not make a session last longer.
    """
    app.before_request(_refuse_speculative)


def _refuse_speculative() -> None:
    if request.endpoint in ANONYMOUS_ENDPOINTS or request.method not in ("GET", "HEAD"):
        return
    if _is_speculative():
        raise SpeculativeRequest


def _is_speculative() -> bool:
    purposes = (request.headers.get(name, "") for name in _PURPOSE_HEADERS)
    is_ahead = any(_SPECULATIVE_PURPOSE.search(purpose) for purpose in purposes)
    return is_ahead or bool(_PREVIEW_AGENT.search(request.headers.get("User-Agent", "")))
