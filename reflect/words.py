"""What people type, as safe HTML for a screen, as HTML for paper, and as plain text."""

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from xml.etree import ElementTree

import nh3
from markdown import Markdown
from markdown.blockprocessors import BlockProcessor, BlockQuoteProcessor, OListProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.util import ETX, STX
from markupsafe import Markup, escape

from reflect import formula

log = logging.getLogger(__name__)

# A longer text is shown too, but as plain paragraphs: the rules for marks would take too long.
MAX_LENGTH = 20_000
MAX_FORMULAS = 100
MAX_NESTING = 8

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "blockquote", "code", "pre"}
# Signs that nobody types: control signs are gone before formulas are parked between them.
PARK, UNPARK = "\x0e", "\x0f"

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LIST_AFTER_COLON = re.compile(r"(?m)(:[ ]*\n)(?=[ ]{0,3}(?:[*-]|\d{1,9}\.)[ ]+\S)")
_TOO_DEEP = re.compile(rf"(?m)^((?:[ ]*+(?:>|[*-](?=[ ])|\d{{1,9}}(?=\.[ ]))\.?|[ ]{{4}}){{{MAX_NESTING}}}[ ]*)(?=[ >*\d-])")
_DISPLAY = r"(?<!\\)\$\$(?P<display>(?:\\.|[^$\\])++)\$\$"
_INLINE = r"(?<![\\\w$])\$(?![\s$])(?P<inline>(?:\\[^\n]|[^$\\\n])++)(?<!\s)\$(?![\d$])"
_WORD = re.compile(r"(?<!\S)[^\W\d_]{2,}(?!\S)")
_FUNCTIONS = {"sin", "cos", "tan", "log", "ln", "lim", "min", "max", "mod"}

type_of_drawing = Callable[[formula.Formula], str]
