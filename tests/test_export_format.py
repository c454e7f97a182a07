"""The export is a public format: docs/export.md names what is in record.json, and nothing else."""

import ast
import inspect
import re

import pytest

from reflect import paths
from reflect.access.access_log import Channel
from reflect.printing import export
from reflect.reports.form_schema import OVERALL_FIELDS
from reflect.reports.workflow import State

PAGE = (paths.FORMS.parent / "docs" / "export.md").read_text("utf-8")
PARTS = (export.to_json, export._report_json, export._content_json, export._history_json)


def code_words(text):
    return re.findall(r"`\.?(\w+)(?:\[\])?`", text)


def documented():
    """Return the words that the page says of each name."""
    table = PAGE.partition("## record.json")[2]
    rows = re.findall(r"^\| (`.*?) \|(.*)\|$", table, re.MULTILINE)
    return {name: code_words(said) for names, said in rows for name in code_words(names)}


def keys_of(node):
    """Return the keys of a dictionary, or of those in a list, as the code writes them."""
    if isinstance(node, ast.ListComp):
        node = node.elt
    if not isinstance(node, ast.Dict):
        return {}
    pairs = zip(node.keys, node.values, strict=True)
    return {key.value: value for key, value in pairs if isinstance(key, ast.Constant)}


def exported():
    """Return every name of the export, with the names inside it."""
    names = {}
    for part in PARTS:
        (function,) = ast.parse(inspect.getsource(part)).body
        names |= keys_of(function.body[-1].value)
    return {name: list(keys_of(value)) for name, value in names.items()}


def test_the_page_names_what_is_in_the_export():
    assert len(exported()) > 20
    assert set(documented()) == set(exported()), "say in docs/export.md what a new name holds"


@pytest.mark.parametrize("name", exported())
def test_the_page_says_of_each_name_what_is_inside(name):
    missing = set(exported()[name]) - set(documented()[name])
    assert not missing, f"say at {name} in docs/export.md what these are"


def test_the_page_has_every_word_that_a_name_can_hold():
    remedy = "add the new word to docs/export.md; programs of others read it"
    assert documented()["state"] == list(State), remedy
    assert set(Channel) <= set(documented()["readings"]), remedy
    assert documented()["answer"] == [field.name for field in OVERALL_FIELDS], remedy
