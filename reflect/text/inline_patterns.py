"""What the marks within a line look like: code, formulas, strong and emphasised words."""

import re

from markdown.util import ETX, STX

# While the HTML is made safe, a formula is its number between these two. Nobody can type them:
# control characters are removed before.
PLACEHOLDER_START = "\x0e"
PLACEHOLDER_END = "\x0f"
PLACEHOLDER = re.compile(rf"{PLACEHOLDER_START}(\d+){PLACEHOLDER_END}")

# The library parses the inside of a match once more. What it has replaced by then is a placeholder
# (the library's own begin with STX), which must not be taken for code or a formula.
_STASHED = STX + PLACEHOLDER_START
# Who types an apostrophe as ` has a space before it or a letter behind it, and so no code.
CODE = (
    rf"(?<![\\`\w])(?P<ticks>`+)(?![`\s]|$)(?P<code>(?:(?!(?P=ticks))[^\n{_STASHED}]){{1,500}}?)"
    r"(?<![`\s])(?P=ticks)(?![`\w])"
)
# A formula is between $ $, or as LaTeX has it between \( \); one with lines of its own between
# $$ $$ or \[ \].
FORMULA = (
    rf"(?<!\\)\$\$(?P<block>(?:\\.|[^$\\{_STASHED}])++)\$\$"
    r"|(?<![\\\w$])\$(?![\s$])"
    rf"(?P<inline>(?:\\[^\n]|[^$\\\n{_STASHED}])++)"
    r"(?<!\s)\$(?![\d$])"
    rf"|(?<!\\)\\\((?P<round>(?:\\[^()\n]|[^\\\n{_STASHED}])++)\\\)"
    rf"|(?<!\\)\\\[(?P<square>(?:\\[^\[\]]|[^\\{_STASHED}])++)\\\]"
)
# The same rules for the formula button of the editor, as the source of a JavaScript expression
# (with the flags g and u). It runs over a whole text, so it also matches what it must pass over:
# what is escaped, code, and amounts such as US$.
BROWSER_FORMULA = (
    r"\\\((?<round>(?:\\[^()\n]|[^\\\n])+)\\\)"
    r"|\\\[(?<square>(?:\\[^\[\]]|\n(?!\s*\n)|[^\\\n])+)\\\]"
    r"|\\+[^]"
    r"|(?<![\p{L}\p{N}_])(?<!`)(`{1,9})(?![`\s])(?:(?!\3)[^\n]){1,500}?(?<![`\s])\3"
    r"(?![\p{L}\p{N}_])(?!`)"
    r"|[\p{L}\p{N}_]\$(?!\$)"
    r"|\$\$(?<block>(?:\\[^]|\n(?!\s*\n)|[^$\\\n])+)\$\$"
    r"|\$\$+"
    r"|\$(?![\s$])(?<inline>(?:\\[^\n]|[^$\\\n])*(?:\\\S|[^$\\\s]))\$(?![\d$])"
)
ESCAPED_DOLLAR = r"\\\$"
APOSTROPHE = r"(?<!`)`(?=[^\W\d_])"
LINE_BREAK = r"\n"

# A mark opens before a letter or a digit and closes behind one, with at most quotation marks or the
# end of a sentence between: -_- and ^_^ have none. A star between two factors is a times sign, so
# 2*3*4 and (a)*(b)*(c) keep theirs; what is behind a backslash, or in an
# address, is no mark either.
_OPEN = rf"(?<![\w)\]}}*_\\/=@{ETX}])"
_CLOSE = rf"(?![\w(\[{{*_{STX}])"
_AHEAD = rf"[\"'“‘„«¿¡]*(?:[^\W_]|[{_STASHED}])"
_BEHIND = rf".,:;!?…\"'”’»%{ETX}{PLACEHOLDER_END}"
STRONG = (
    rf"{_OPEN}(?P<mark>\*\*|__)(?=[*_]?[-−+±€$(]?{_AHEAD})(?P<words>.{{1,500}}?)"
    rf"(?:(?<=[^\W_])|(?<=[{_BEHIND})\]*_]))(?P=mark){_CLOSE}"
)
EMPHASIS = (
    rf"{_OPEN}(?P<mark>[*_])(?={_AHEAD})(?P<words>.{{1,500}}?)"
    rf"(?:(?<=[^\W_])|(?<=[{_BEHIND}]))(?P=mark){_CLOSE}"
)
