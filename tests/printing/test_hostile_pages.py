"""Whatever one student writes is limited in time and memory, loads nothing, and stops nobody."""

import multiprocessing
import subprocess
import sys
import threading
from dataclasses import replace

import pikepdf
import psutil
import pytest

from reflect import subprocesses
from reflect.errors import PrintBlockedResource, PrintFailed, PrintTimeout, PrintTooLarge
from reflect.printing import booklet_rendering, renderer_pool
from reflect.printing.render_request import RenderLimits, RenderRequest
from reflect.text.print_html import text_to_print_html
from tests.media.sample_files import encode_image, four_colour_image
from tests.printing.conftest import PHOTO, open_pdf, print_html
from tests.processes import command_line

GOOD = RenderRequest(
    "<html lang=nl><title>Goed</title><body><h1>Goed</h1><p>Dit komt gewoon uit de pers."
)
TIGHT = RenderLimits(seconds=6, memory_bytes=700 * 1024**2, max_input_bytes=2_000_000)
ENDLESS_TEXT = "<p>woord woord woord woord." * 60_000


def page(body, **pictures):
    return RenderRequest(f"<html lang=nl><title>x</title><body><h1>x</h1>{body}", pictures)


# The page, and the error; None where it is rendered within the limits or fails in any way.
HOSTILE = {
    "words without end": (page(ENDLESS_TEXT), PrintTimeout),
    "a word without end": (page("<p>" + "w" * 1_500_000), None),
    "lists in lists": (page("<ul><li>" * 10_000), PrintFailed),
    "quotes in quotes": (page("<blockquote>" * 10_000), PrintFailed),
    "a table of a million cells": (page("<table><tr>" + "<td>" * 400_000), PrintFailed),
    "a picture that is none": (
        page("<img src=picture:a alt=x>", a=b"\xff\xd8\xff" + b"\0" * 1_000_000),
        None,
    ),
    "too large": (page("<p>" + "veel " * 500_000), PrintTooLarge),
}


def rendering_children():
    """Return the processes that the fork server of this process has started."""
    servers = [
        child
        for child in psutil.Process().children()
        if "multiprocessing.forkserver" in command_line(child)
    ]
    assert servers
    return [child for server in servers for child in server.children()]


@pytest.mark.parametrize("what", HOSTILE)
def test_one_hostile_student_is_limited_and_the_others_are_rendered(what):
    hostile, error = HOSTILE[what]
    renderer_pool.render_each([GOOD], seconds=120)  # so that the fork server is ready
    before, result, after = renderer_pool.render_all(
        [GOOD, hostile, GOOD], seconds=600, limits=TIGHT
    )
    assert before == after
    assert isinstance(before, bytes)
    if error:
        assert isinstance(result, error), result
    assert not rendering_children(), "what was stopped is gone"


SVG_WITH_IMAGE = (
    "data:image/svg+xml;utf8,"
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{canary}/i.png"/></svg>'
)


@pytest.mark.parametrize(
    "body",
    [
        "<img src='{canary}/x.png' alt=x>",
        "<link rel=stylesheet href='{canary}/x.css'>",
        "<img src='file:///etc/hostname' alt=x>",
        "<p style=\"background: url('{canary}/y.png')\">x",
        "<style>@import '{canary}/a.css'; p {{ color: red }}</style><p>x",
        "<style>@font-face {{ font-family: f; src: url({canary}/f.woff2) }}"
        " p {{ font-family: f }}</style><p>x",
        "<object data='{canary}/z.svg'></object>",
        "<embed src='{canary}/z'>",
        "<link rel=attachment href='file:///etc/hostname'>",
        "<img src='picture:" + "b" * 22 + "' alt=x>",
        "<img src='data:text/html,<script>1</script>' alt=x>",
        f"<img src='{SVG_WITH_IMAGE}' alt=x>",
        "<base href='{canary}/'><img src='a.png' alt=x>",
        "<ul style=\"list-style-image: url('{canary}/l.png')\"><li>x</ul>",
        "<p style=\"content: url('{canary}/c.png')\">x",
        "<iframe src='{canary}/f'></iframe>",
    ],
)
def test_a_page_never_reaches_what_it_asks_for(canary, body):
    """It is refused, or rendered without; the canary fails the test when somebody asked it."""
    asking = page(body.format(canary=canary))
    before, result, after = renderer_pool.render_all([GOOD, asking, GOOD], seconds=120)
    assert before == after
    if isinstance(result, PrintFailed):
        assert isinstance(result, PrintBlockedResource)
        return
    with open_pdf(result) as file:
        dictionaries = [item for item in file.objects if isinstance(item, pikepdf.Dictionary)]
        assert "/EmbeddedFile" not in {item.get("/Type") for item in dictionaries}


def test_an_error_names_the_student_and_the_others_get_their_own_pages(
    cast_booklets, change_settings
):
    noor, sam = cast_booklets
    endless_report = replace(sam.reports[0], closing_word="woord woord woord.\n\n" * 30_000)
    endless = replace(sam, reports=(endless_report,))
    change_settings(print_student_seconds=TIGHT.seconds)
    results = booklet_rendering.render_or_cached([noor, endless], seconds=120)
    (_, pdf), (booklet, error) = results
    assert booklet is endless
    assert isinstance(error, PrintTimeout)
    assert "Sam Jansen" in str(error)
    with open_pdf(pdf) as file:
        assert "Noor" in str(file.docinfo.Title)
    with pytest.raises(PrintTimeout, match="Sam Jansen"):
        booklet_rendering.render_merged([noor, endless], seconds=120)


def test_photos_beyond_the_limit_are_not_even_read(cast_booklets, change_settings):
    change_settings(print_student_mb=0)
    with pytest.raises(PrintTooLarge, match="Noor el Amrani"):
        booklet_rendering.render_one(cast_booklets[0], seconds=60)
    assert f"picture:{PHOTO}" in print_html(cast_booklets[0])


def test_a_deep_or_endless_formula_is_shown_as_typed():
    deep = "$" + "\\frac{1}{" * 200 + "x" + "}" * 200 + "$"
    wide = "$" + "\\left(" * 300 + "x" + "\\right)" * 300 + "$"
    texts = (deep, wide, f"{deep} " * 40)
    html = "".join(text_to_print_html(text, language="nl") for text in texts)
    assert "formula-as-typed" in html
    (pdf,) = renderer_pool.render_all([page(html)], seconds=30)
    assert isinstance(pdf, bytes)


def test_a_child_that_is_killed_is_an_error_and_the_next_one_is_rendered():
    def kill_newest_child():
        children = psutil.Process().children(recursive=True)
        max(children, key=lambda child: child.create_time()).kill()

    renderer_pool.render_each([GOOD], seconds=120)
    killer = threading.Timer(2, kill_newest_child)
    killer.start()
    result, after = renderer_pool.render_all([page(ENDLESS_TEXT), GOOD], seconds=300)
    killer.join()
    assert type(result) is PrintFailed
    assert isinstance(after, bytes)


# C1 controls, zero width space, marks of direction, separators, byte order mark, and others.
UNUSUAL_CHARACTERS = [
    *map(chr, range(0x80, 0xA0)),
    *("\u200b", "\u200e", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\ufffc"),
]


def test_no_character_that_a_student_can_type_stops_rendering():
    """WeasyPrint stops at some that end a line or a paragraph, and pasted texts have them."""
    text = "".join(
        f"een {character} twee{character}drie {character}{character} vier\n\n"
        for character in UNUSUAL_CHARACTERS
    )
    request = page(text_to_print_html(text, language="nl"))
    request = replace(request, html=booklet_rendering.normalize_line_ends(request.html))
    (pdf,) = renderer_pool.render_all([request], seconds=60)
    assert isinstance(pdf, bytes)


def test_what_has_not_begun_in_time_is_an_error():
    results = list(renderer_pool.render_all([GOOD] * 4, seconds=0))
    assert [type(result) for result in results] == [PrintTimeout] * 4


# A program that notes each time that it is loaded, and starts a child only when it is run.
PROGRAM = """
from pathlib import Path
folder = Path(__file__).parent
with folder.joinpath("loaded").open("a") as note:
    note.write("x")
if __name__ == "__main__":
    {body}
"""
RENDER = """
    from reflect.printing import renderer_pool
    pages = ["<html lang=nl><title>x</title><body><h1>x"]
    print(len(renderer_pool.render_joined(pages, seconds=60)))
"""
TRANSCODE = """
    from reflect.media import transcode
    photo = folder.joinpath("photo").read_bytes()
    print(len(transcode.to_safe_file(photo).content))
"""


@pytest.mark.parametrize("body", [RENDER, TRANSCODE], ids=["render", "transcode"])
def test_a_child_does_not_load_the_program_that_started_it(tmp_path, body):
    """It would take a second for each student, and the program could even run again."""
    program = tmp_path / "program"
    program.write_text(PROGRAM.format(body=body.strip()))
    (tmp_path / "photo").write_bytes(encode_image(four_colour_image(), "PNG"))
    command = [sys.executable, "-W", "ignore", str(program)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(result.stdout) > 1000
    assert (tmp_path / "loaded").read_text() == "x"


LIST_MODULES = """
import sys
import reflect.printing.preload
print(*sys.modules)
"""


def test_the_fork_server_has_no_views_and_no_database():
    """It shares what it has with every child, and a hostile page can reach what a child has."""
    modules = subprocess.check_output([sys.executable, "-c", LIST_MODULES], text=True).split()
    assert not {"flask", "sqlalchemy", "reflect.settings"} & set(modules)


def test_a_caller_that_stops_iterating_does_not_wait():
    """The iterator is closed wherever garbage is collected, and waiting there caused a deadlock."""
    endless = page(ENDLESS_TEXT)
    results = renderer_pool.render_all([GOOD, endless, endless], seconds=60, limits=TIGHT)
    assert isinstance(next(results), bytes)
    results.close()
    assert rendering_children(), "the endless pages are still being rendered"
    assert isinstance(renderer_pool.render_joined([GOOD], seconds=60), bytes)


def test_a_child_whose_parent_is_gone_ends_without_an_error():
    """The server may stop while its children render."""
    parent_end, child_end = multiprocessing.Pipe()
    parent_end.send(None)
    parent_end.close()
    # Only the answer: rendering would limit this process too.
    subprocesses.answer(child_end, lambda _request: b"done")
    assert child_end.closed


def test_a_child_whose_parent_is_gone_before_its_request_ends_without_an_error():
    parent_end, child_end = multiprocessing.Pipe()
    parent_end.close()
    renderer_pool._child_main(child_end, TIGHT)
    assert child_end.closed
