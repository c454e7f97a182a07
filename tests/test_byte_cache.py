"""What is remembered of people's texts is bounded in bytes, and previews are not remembered."""

import ast
import importlib
import pkgutil
import random
from functools import _lru_cache_wrapper
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reflect
from reflect.bounds.byte_cache import ByteCached, byte_cached, retained_bytes
from reflect.math.mathml import DisplayMode, Formula
from reflect.text import highlights, markdown
from tests.stories.test_a_student_writes import begin

# In a server process; what draws or runs in a child or in the worker is not there.
MAX_BYTES_OF_ALL = 40_000_000
SOURCES = sorted(Path(reflect.__file__).parent.rglob("*.py"))

# Types of which there are few values, or that hold no text of a person.
CLOSED_TYPES = {"Path", "date", "int", "FormSchema", "ReportPart", "RevisionQuery"}
CLOSED_TYPES |= {"sa.ColumnElement[bool]", "tuple[bool, ...]"}
# Functions with a text as a key that no person writes: why.
CLOSED_TEXTS = {
    "storage.blob_store": "the address in the settings",
    "web.translations.translated": "the sentences of our own code",
    "web.translations._translated_markup": "the sentences of our own code",
    "web.formatting._format_date": "our patterns and languages",
    "web.formatting._day_in_words": "our languages",
    "web.formatting._state_html": "our states, sentences and languages",
    "web.jinja_setup._url_pattern": "our endpoints and the names of their numbers",
    "web.assets._cached_static_url": "our file names",
    "access.report_lists._list_sql": "our scopes",
    "demo.sample_texts.load_samples": "our files",
    "demo.sample_texts._load_file": "our files",
}


def cached_functions():
    """Give each function under `lru_cache` in the tree: its name, the decorator, its arguments."""
    for path in SOURCES:
        module = ".".join(path.relative_to(SOURCES[0].parent).with_suffix("").parts)
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                for decorator in node.decorator_list:
                    name = decorator.func if isinstance(decorator, ast.Call) else decorator
                    if ast.unparse(name) in ("lru_cache", "functools.cache"):
                        yield f"{module}.{node.name}", decorator, node.args


def uses_of_caches():
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Name) and node.id == "lru_cache":
                yield path.name


def test_every_count_of_results_is_bounded_and_has_no_text_of_a_person_as_its_key():
    found = list(cached_functions())
    assert len(found) > 20
    for name, decorator, arguments in found:
        assert isinstance(decorator, ast.Call), f"{name} needs a maxsize"
        (size,) = (keyword.value for keyword in decorator.keywords if keyword.arg == "maxsize")
        assert isinstance(size, ast.Constant), f"{name} needs a number as its maxsize"
        assert isinstance(size.value, int), f"{name} needs a number as its maxsize"
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [arguments.vararg] if arguments.vararg else []
        types = {ast.unparse(argument.annotation) for argument in every}
        assert types <= CLOSED_TYPES or name in CLOSED_TEXTS, (
            f"{name} remembers by {types}: use reflect.bounds.byte_cache for what people write"
        )


def test_every_use_of_a_cache_is_a_decorator_that_the_test_above_sees():
    assert len(list(uses_of_caches())) == len(list(cached_functions()))
    assert {*CLOSED_TEXTS} <= {name for name, *_ in cached_functions()}


def loaded_caches():
    for module in pkgutil.walk_packages(reflect.__path__, "reflect."):
        if module.name.startswith(("reflect.db.migrations", "reflect.__main__")):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, ByteCached | _lru_cache_wrapper):
                yield f"{module.name}.{name}", value


def test_all_of_them_together_fit_in_a_server_process():
    caches = {id(cache): cache for _, cache in loaded_caches() if isinstance(cache, ByteCached)}
    in_server = [
        cache.max_bytes
        for cache in caches.values()
        if not cache.__module__.startswith(("reflect.math.svg", "reflect.printing"))
    ]
    assert len(in_server) >= 10
    assert sum(in_server) <= MAX_BYTES_OF_ALL
    assert all(
        cache.cache_parameters()["maxsize"] is not None
        for _, cache in loaded_caches()
        if isinstance(cache, _lru_cache_wrapper)
    )


def hostile_text(rng):
    return " ".join(rng.choice(["a", "b*c*", "**d**", "$x^2$", "- e\n"]) for _ in range(900))


def test_a_hundred_hostile_texts_stay_within_the_bounds():
    rng = random.Random(2)
    for _ in range(100):
        text = hostile_text(rng)
        markdown.to_html(text, language="nl")
        markdown.to_plain(text)
        highlights.visible_text(text)
    for name, cache in loaded_caches():
        if isinstance(cache, ByteCached):
            assert cache.used_bytes <= cache.max_bytes, name


def test_previews_are_not_remembered(client_of, cast):
    noor, page = begin(client_of, cast)
    texts = ("render", "to_html", "to_plain")
    before = [getattr(markdown, name).used_bytes for name in texts]
    for number in range(5):
        sent = {"csrf_token": page.field("csrf_token"), "text": f"Een **voorbeeld** {number}."}
        shown = noor.client.post("/tonen", data=sent)
        assert "<strong>voorbeeld</strong>" in shown.json["html"]
    assert [getattr(markdown, name).used_bytes for name in texts] == before


def counted(max_bytes):
    calls = []

    @byte_cached(max_bytes=max_bytes)
    def doubled(text, *, times=2):
        calls.append(text)
        return text * times

    return doubled, calls


def test_a_result_is_computed_once_and_again_when_it_was_thrown_away():
    doubled, calls = counted(10_000)
    assert doubled("ab") == doubled("ab") == "abab"
    assert doubled("ab", times=3) == "ababab"
    assert calls == ["ab", "ab"]
    for number in range(30):
        doubled("x" * 200 + str(number))
    doubled("ab")
    assert calls.count("ab") == 3


def test_what_was_used_last_stays_longest():
    doubled, calls = counted(10_000)
    for number in range(30):
        doubled("kept")
        doubled("x" * 200 + str(number))
    assert calls.count("kept") == 1


def test_a_result_that_would_drive_out_all_others_is_not_kept():
    doubled, calls = counted(10_000)
    doubled("kept")
    doubled("y" * 5_000)
    doubled("kept")
    assert calls == ["kept", "y" * 5_000]


@given(st.lists(st.text(max_size=400), max_size=60), st.integers(0, 20_000))
def test_it_never_holds_more_than_its_bound(texts, max_bytes):
    doubled, _ = counted(max_bytes)
    for text in texts:
        assert doubled(text) == text * 2
        assert 0 <= doubled.used_bytes <= max_bytes
    doubled.cache_clear()
    assert doubled.used_bytes == 0


@pytest.mark.parametrize(
    "value", ["x" * 5_000, ("x" * 5_000,), {"a": "x" * 5_000}, frozenset({"x" * 5_000})]
)
def test_the_size_of_a_value_is_that_of_all_it_holds(value):
    assert 5_000 < retained_bytes(value) < 6_000
    formula = Formula("y" * 5_000, DisplayMode.INLINE)
    assert 5_000 < retained_bytes(formula) < 6_000
