"""The rules of texts that scripts need too, as JSON: formulas, their speech, and passages.

They are written in Python alone. A page carries the part that its scripts use.
"""

from typing import Any

from reflect.math import mathml, speech
from reflect.text import highlights, inline_patterns, markdown


def browser_rules(language: str) -> dict[str, Any]:
    """Return the rules, with words in this language.

    formula: `pattern` is the source of an expression (flags g and u) that finds the formula around
        a caret; `functions` and `mathSigns` tell a formula from prose, as mathml.is_prose does.
    speech: the words of the formula field, see speech.browser_speech.
    text: how long one may be.
    passage: how many characters of a text a remark quotes, and how many on each side it keeps.
    """
    return {
        "formula": {
            "maxLength": mathml.MAX_FORMULA_LENGTH,
            "pattern": inline_patterns.BROWSER_FORMULA,
            "functions": sorted(mathml.FUNCTION_NAMES),
            "mathSigns": mathml.FORMULA_SIGNS,
        },
        "speech": speech.browser_speech(language),
        "text": {"maxLength": markdown.MAX_TEXT_LENGTH},
        "passage": {
            "maxLength": highlights.MAX_QUOTE_LENGTH,
            "contextLength": highlights.CONTEXT_LENGTH,
        },
    }
