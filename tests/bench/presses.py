"""One way to print, in a process of its own, so that its time and memory are its own: `python -m tests.bench.presses WAY`."""

import base64
import json
import logging
import pickle
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from reflect import places
from tests.bench.bundles import booklet

STATIC = places.STATIC.as_uri() + "/"
SHEETS = ("css/tokens.css", "css/paper.css")
CHROMIUM = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")


def held(folder, name):
    return pickle.loads((folder / name).read_bytes())  # noqa: S301 - the bench put it there itself


def manuscripts(folder):
    return held(folder, "manuscripts")


def as_one_file(manuscript):
    """Give the page with its styles linked and its photos inside, for engines without our fetcher."""
    from reflect import formula_picture  # only where others print: ours loads it in the server of forks

    html = formula_picture.drawn(manuscript.html)
    for key, content in manuscript.pictures.items():
        html = html.replace(f"picture:{key}", f"data:image/jpeg;base64,{base64.b64encode(content).decode()}")
    links = "".join(f'<link rel="stylesheet" href="{STATIC}{sheet}">' for sheet in SHEETS)
    return html.replace("</head>", f"{links}</head>")


def plain(folder):
    """WeasyPrint as its documentation shows, once per student, from the same booklets and templates as ours."""
    from weasyprint import HTML

    from reflect.paper import bundle

    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it tells for each student what it ignores in our styles

    booklets = held(folder, "booklets")
    with _house(folder).app_context():
        began = time.perf_counter()
        for number, one in enumerate(booklets):
            page = HTML(string=as_one_file(bundle.manuscript(one)), base_url=STATIC)
            page.write_pdf(folder / f"plain{number}.pdf", pdf_variant="pdf/ua-1")
        return time.perf_counter() - began


def started(folder):
    """Chromium, started for each student."""
    pages = [folder / f"page{number}.html" for number, _ in enumerate(manuscripts(folder))]
    for path, one in zip(pages, manuscripts(folder), strict=True):
        path.write_text(as_one_file(one), "utf-8")
    began = time.perf_counter()
    for path in pages:
        command = [
            "/usr/bin/chromium",
            *CHROMIUM,
            "--no-pdf-header-footer",
            f"--print-to-pdf={path.with_suffix('.pdf')}",
        ]
        subprocess.run([*command, path.as_uri()], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def prestarted(folder):
    """Chromium, started once before the clock runs."""
    from playwright.sync_api import sync_playwright

    pages = [folder / f"page{number}.html" for number, _ in enumerate(manuscripts(folder))]
    for path, one in zip(pages, manuscripts(folder), strict=True):
        path.write_text(as_one_file(one), "utf-8")
    with sync_playwright() as engines:
        browser = engines.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM[1:]))
        tab = browser.new_page()
        began = time.perf_counter()
        for path in pages:
            tab.goto(path.as_uri())
            tab.pdf(path=path.with_suffix(".pdf"), prefer_css_page_size=True, tagged=True, outline=True)
        took = time.perf_counter() - began
        browser.close()
    return took


def limit(folder):
    """Typst with a small template of its own and the same words, photos and formulas: how fast it could be."""
    from tests.bench import typesetter

    texts = held(folder, "booklets")
    pictures = [one.pictures for one in manuscripts(folder)]
    typesetter.prepare(folder)
    began = time.perf_counter()
    for number, (one, photos) in enumerate(zip(texts, pictures, strict=True)):
        typesetter.printed(one, photos, folder, folder / f"typst{number}.pdf")
    return time.perf_counter() - began


def _house(folder):
    from reflect import settings
    from reflect.app import create_app

    (folder / "reflect.env").touch()
    return create_app(settings.read({"REFLECT_DATA": str(folder), "REFLECT_SETTINGS": str(folder / "reflect.env")}))


def _merged(folder, shape="booklet"):
    from reflect.paper import bundle, press
    from reflect.paper.booklet import Shape

    press.versions()  # the server of forks is up, as it is in a house that has printed before
    booklets = [replace(one, shape=Shape(shape)) for one in held(folder, "booklets")]
    with _house(folder).app_context():
        began = time.perf_counter()
        made = bundle.merged(booklets, seconds=3600)
        took = time.perf_counter() - began
    (folder / "merged.pdf").write_bytes(made)
    return took


def fresh(folder):
    """Ours, nothing rendered before: one merged, tagged file."""
    return _merged(folder)


def sheets(folder):
    """Ours, nothing rendered before: one merged, tagged file of single sheets."""
    return _merged(folder, "sheet")


def ahead(folder):
    """Ours, rendered ahead: one merged, tagged file from the drawer."""
    return _merged(folder)


def single(folder):
    """Ours, rendered ahead: each booklet by itself; the time of one, in the middle."""
    from reflect.paper import bundle

    booklets = held(folder, "booklets")
    took = []
    with _house(folder).app_context():
        bundle.one(booklets[0], seconds=60)
        for one in booklets:
            began = time.perf_counter()
            bundle.one(one, seconds=60)
            took.append(time.perf_counter() - began)
    return sorted(took)[len(took) // 2]


def school(folder, first, number):
    """Ours, `number` students from `first` on, group by group into one file on disk; what is in the drawer stays there."""
    from reflect.paper import bundle, press
    from reflect.vault import vault

    press.versions()
    app = _house(folder)
    with app.app_context():
        keep = vault(app.extensions["reflect"].evidence).put

        def made():
            for at in range(first, first + number, 30):
                group = [booklet(one, keep=keep) for one in range(at, at + 30)]
                yield from bundle.tried(group, seconds=3600)

        began = time.perf_counter()
        with (folder / "school.pdf").open("wb") as into:
            bundle.bind(made(), into=into)
        return time.perf_counter() - began


def main(way, folder, *numbers):
    print(json.dumps({"took": globals()[way](Path(folder), *map(int, numbers))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
