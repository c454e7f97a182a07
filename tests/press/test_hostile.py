"""Hostile pages: whatever one student wrote is bounded in time and memory, asks nobody anything, and stops nobody else."""

import multiprocessing
import subprocess
import sys
import threading
import time

import psutil
import pytest

from reflect import formula_picture
from reflect.paper import bundle, press
from reflect.paper.manuscript import Limits, Manuscript
from reflect.refusal import PrintAsksOutside, PrintFailed, PrintTooLong, PrintTooMuch
from tests.media.files import quarters, saved
from tests.press.conftest import PHOTO, opened, pages

GOOD = Manuscript("<html lang=nl><title>Goed</title><body><h1>Goed</h1><p>Dit komt gewoon uit de pers.")
TIGHT = Limits(seconds=6, memory=700 * 1024**2, bytes_in=2_000_000)


def page(body, **pictures):
    return Manuscript(f"<html lang=nl><title>x</title><body><h1>x</h1>{body}", pictures)


HOSTILE = {
    "words without end": (page("<p>woord woord woord woord." * 60_000), PrintTooLong),
    "a word without end": (page("<p>" + "w" * 1_500_000), None),  # one line, however long: it stays within the bounds
    "lists in lists": (page("<ul><li>" * 10_000), PrintFailed),
    "quotes in quotes": (page("<blockquote>" * 10_000), PrintFailed),
    "a table of a million cells": (page("<table><tr>" + "<td>" * 400_000), PrintFailed),
    "a picture that is none": (page("<img src=picture:a alt=x>", a=b"\xff\xd8\xff" + b"\0" * 1_000_000), None),
    "more than may be": (page("<p>" + "veel " * 500_000), PrintTooMuch),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_one_hostile_student_is_bounded_and_the_rest_is_printed(what):
    hostile, refusal = HOSTILE[what]
    press.versions()  # the press is warm: what is measured is the hostile page
    began = time.monotonic()
    before, made, after = press.printed([GOOD, hostile, GOOD], seconds=600, limits=TIGHT)
    assert time.monotonic() - began < 60
    assert before == after
    assert isinstance(before, bytes)
    if refusal:
        assert isinstance(made, refusal), made
    servers = [one for one in psutil.Process().children() if "multiprocessing.forkserver" in " ".join(one.cmdline())]
    assert servers
    assert not [child for server in servers for child in server.children()], "what was stopped is gone"


@pytest.mark.parametrize(
    "ask",
    ["<img src='{canary}/x.png' alt=x>", "<link rel=stylesheet href='{canary}/x.css'>", "<img src='file:///etc/hostname' alt=x>",
     "<p style=\"background: url('{canary}/y.png')\">x", "<style>@import '{canary}/a.css'; p {{ color: red }}</style><p>x",
     "<style>@font-face {{ font-family: f; src: url({canary}/f.woff2) }} p {{ font-family: f }}</style><p>x",
     "<object data='{canary}/z.svg'></object>", "<embed src='{canary}/z'>", "<link rel=attachment href='file:///etc/hostname'>",
     "<img src='picture:" + "b" * 22 + "' alt=x>", "<img src='data:text/html,<script>1</script>' alt=x>",
     "<img src='data:image/svg+xml;utf8,<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"{canary}/i.png\"/></svg>' alt=x>",
     "<base href='{canary}/'><img src='a.png' alt=x>", "<ul style=\"list-style-image: url('{canary}/l.png')\"><li>x</ul>",
     "<p style=\"content: url('{canary}/c.png')\">x", "<iframe src='{canary}/f'></iframe>"],
)  # fmt: skip
def test_a_page_that_asks_for_something_never_reaches_it(canary, ask):
    """The canary's fixture holds that nobody asked; a page that would is refused, or comes without it."""
    asking = page(ask.format(canary=canary))
    before, made, after = press.printed([GOOD, asking, GOOD], seconds=120)
    assert before == after
    if isinstance(made, PrintFailed):
        assert isinstance(made, PrintAsksOutside)
    else:
        with opened(made) as file:
            assert not [one for one in file.objects if getattr(one, "get", {}.get)("/Type") == "/EmbeddedFile"]


def test_a_refusal_names_the_student_and_gives_nobody_elses_pages(made, monkeypatch, app):
    noor, sam = made
    endless = bundle.manuscript(sam)
    endless = Manuscript(
        endless.html.replace("</body>", "<p>woord woord woord." * 40_000 + "</body>"), endless.pictures
    )
    of = {noor.student.id: bundle.manuscript(noor), sam.student.id: endless}
    monkeypatch.setattr(bundle, "manuscript", lambda booklet, use: of[booklet.student.id])
    monkeypatch.setattr(bundle, "_limits", lambda: TIGHT)
    (_, pages), (booklet, refused) = bundle.tried(made, seconds=120)
    assert booklet is sam
    assert isinstance(refused, PrintTooLong)
    assert "Sam Jansen" in str(refused)
    with opened(pages) as file:
        assert "Noor" in str(file.docinfo.Title)
    with pytest.raises(PrintTooLong, match="Sam Jansen"):
        bundle.merged(made, seconds=120)


def test_photos_beyond_the_bound_are_not_even_read(made, app, monkeypatch):
    monkeypatch.setattr(bundle, "_limits", lambda: Limits(bytes_in=0))
    with pytest.raises(PrintTooMuch, match="Noor el Amrani"):
        bundle.one(made[0], seconds=60)
    assert f"picture:{PHOTO}" in pages(made[0])


def test_a_deep_or_endless_formula_is_shown_as_typed_and_printed_soon(made):
    deep = "$" + "\\frac{1}{" * 200 + "x" + "}" * 200 + "$"
    wide = "$" + "\\left(" * 300 + "x" + "\\right)" * 300 + "$"
    html = "".join(str(formula_picture.paper(text, language="nl")) for text in (deep, wide, f"{deep} " * 40))
    assert "formula-as-typed" in html
    (made,) = press.printed([page(html)], seconds=30)
    assert isinstance(made, bytes)


def test_a_child_that_is_killed_is_a_refusal_and_not_a_hang():
    def kill():
        busy = max(psutil.Process().children(recursive=True), key=lambda child: child.create_time())
        busy.kill()

    press.versions()
    reaper = threading.Timer(2, kill)
    reaper.start()
    made, after = press.printed([page("<p>woord woord woord woord." * 60_000), GOOD], seconds=300)
    reaper.join()
    assert type(made) is PrintFailed
    assert isinstance(after, bytes)


def test_no_sign_that_a_student_can_type_stops_the_press():
    """The engine stops at some signs that end a line or a paragraph; pasted texts hold them."""
    signs = [chr(sign) for sign in (*range(0x80, 0xA0), 0x200B, 0x200E, 0x2028, 0x2029, 0x202E, 0x2066, 0xFEFF, 0xFFFC)]
    html = str(
        formula_picture.paper(
            "".join(f"een {sign} twee{sign}drie {sign}{sign} vier\n\n" for sign in signs), language="nl"
        )
    )
    (made,) = press.printed([Manuscript(bundle.without_ends(page(html).html))], seconds=60)
    assert isinstance(made, bytes)


def test_what_is_not_begun_in_time_is_refused():
    made = list(press.printed([GOOD] * 4, seconds=0))
    assert [type(one) for one in made] == [PrintTooLong] * 4


@pytest.mark.parametrize(
    "asked",
    ["from reflect.paper import press; print(len(press.joined(['<html lang=nl><title>x</title><body><h1>x'], seconds=60)))",
     "from reflect.media import refit; print(len(refit.refit(Path(__file__).with_name('photo').read_bytes()).screen))"],
    ids=["press", "photo"],
)  # fmt: skip
def test_a_child_does_not_load_the_program_that_asked(tmp_path, asked):
    """Else every student of a command's print would cost a second more, and the program could even run again."""
    program = tmp_path / "program"
    program.write_text(
        "from pathlib import Path\nwith Path(__file__).with_name('loaded').open('a') as noted: noted.write('x')\n"
        f"if __name__ == '__main__':\n    {asked}\n"
    )
    (tmp_path / "photo").write_bytes(saved(quarters(), "PNG"))
    ran = subprocess.run([sys.executable, "-W", "ignore", str(program)], capture_output=True, text=True, check=True)
    assert int(ran.stdout) > 1000
    assert (tmp_path / "loaded").read_text() == "x"


def test_the_server_of_forks_holds_no_screens_and_no_database():
    """What it loads, it shares with every child; and what a child does not hold, no hostile page can reach."""
    ask = "import sys, reflect.paper.warm; print({'flask', 'sqlalchemy', 'reflect.settings'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", ask], text=True).strip() == "set()"


def test_whoever_stops_listening_waits_for_nobody():
    """A print that is given up is closed wherever garbage is collected; waiting there held a whole process up."""
    endless = page("<p>woord woord woord woord." * 60_000)
    prints = press.printed([GOOD, endless, endless], seconds=60, limits=TIGHT)
    assert isinstance(next(prints), bytes)
    began = time.monotonic()
    prints.close()
    assert time.monotonic() - began < TIGHT.seconds / 2
    assert isinstance(press.joined([GOOD], seconds=60), bytes), "and the benches come free again"


def test_a_print_that_nobody_waits_for_any_more_ends_without_a_word():
    """The server may go while its children print; what they would say then is no failure."""
    here, there = multiprocessing.Pipe()
    here.send(None)
    here.close()
    press._work(there, "versions", TIGHT)
    assert there.closed
    here, there = multiprocessing.Pipe()
    here.close()  # or it goes before it has said what to print
    press._work(there, "run", TIGHT)
    assert there.closed
