"""One way to print, in a process of its own: `python -m tests.bench.print_engines WAY`."""

import base64
import json
import logging
import pickle
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from reflect import paths
from reflect.printing.booklet import Booklet, BookletLayout
from tests.bench.sample_booklets import sample_booklet

STATIC = paths.STATIC.as_uri() + "/"
STYLESHEETS = ("css/fonts.css", "css/tokens.css", "css/print.css")
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
)


def load_pickle(folder, name):
    return pickle.loads((folder / name).read_bytes())  # noqa: S301 - the bench put it there itself


def load_render_requests(folder):
    return load_pickle(folder, "manuscripts")


def inline_assets(manuscript):
    """Return the page with linked styles and embedded photos, for engines without our fetcher."""
    from reflect.math import svg  # only where others print: ours loads it in the server of forks

    html = svg.draw_formulas(manuscript.html)
    for key, content in manuscript.pictures.items():
        html = html.replace(
            f"picture:{key}", f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"
        )
    links = "".join(f'<link rel="stylesheet" href="{STATIC}{sheet}">' for sheet in STYLESHEETS)
    return html.replace("</head>", f"{links}</head>")


def plain_weasyprint(folder):
    """WeasyPrint as its documentation shows, once per student, from our booklets and templates."""
    from weasyprint import HTML

    from reflect.printing import booklet_rendering

    logging.getLogger("weasyprint").setLevel(
        logging.ERROR
    )  # it tells for each student what it ignores in our styles

    booklets = load_pickle(folder, "booklets")
    with _create_app(folder).app_context():
        began = time.perf_counter()
        for number, one in enumerate(booklets):
            page = HTML(string=inline_assets(booklet_rendering.build_request(one)), base_url=STATIC)
            page.write_pdf(folder / f"plain{number}.pdf", pdf_variant="pdf/ua-1")
        return time.perf_counter() - began


def chromium_per_student(folder):
    """Chromium, started for each student."""
    pages = [folder / f"page{number}.html" for number, _ in enumerate(load_render_requests(folder))]
    for path, one in zip(pages, load_render_requests(folder), strict=True):
        path.write_text(inline_assets(one), "utf-8")
    began = time.perf_counter()
    for path in pages:
        command = [
            "/usr/bin/chromium",
            *CHROMIUM_FLAGS,
            "--no-pdf-header-footer",
            f"--print-to-pdf={path.with_suffix('.pdf')}",
        ]
        subprocess.run([*command, path.as_uri()], check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def chromium_shared(folder):
    """Chromium, started once before the clock runs."""
    from playwright.sync_api import sync_playwright

    pages = [folder / f"page{number}.html" for number, _ in enumerate(load_render_requests(folder))]
    for path, one in zip(pages, load_render_requests(folder), strict=True):
        path.write_text(inline_assets(one), "utf-8")
    with sync_playwright() as engines:
        browser = engines.chromium.launch(
            executable_path="/usr/bin/chromium", args=list(CHROMIUM_FLAGS[1:])
        )
        tab = browser.new_page()
        began = time.perf_counter()
        for path in pages:
            tab.goto(path.as_uri())
            tab.pdf(
                path=path.with_suffix(".pdf"), prefer_css_page_size=True, tagged=True, outline=True
            )
        took = time.perf_counter() - began
        browser.close()
    return took


def typst_template(folder):
    """Typst with a small template of its own and the same words, photos and formulas."""
    from tests.bench import typst_engine

    texts = load_pickle(folder, "booklets")
    pictures = [one.pictures for one in load_render_requests(folder)]
    typst_engine.convert_fonts(folder)
    began = time.perf_counter()
    for number, (one, photos) in enumerate(zip(texts, pictures, strict=True)):
        typst_engine.typeset_pdf(one, photos, folder, folder / f"typst{number}.pdf")
    return time.perf_counter() - began


def _create_app(folder):
    from reflect import settings
    from reflect.app import create_app

    (folder / "reflect.env").touch()
    return create_app(
        settings.load(
            {"REFLECT_DATA": str(folder), "REFLECT_SETTINGS": str(folder / "reflect.env")}
        )
    )


def _time_merged(folder, layout=BookletLayout.BOOKLET):
    from reflect.printing import booklet_rendering, renderer_pool

    # Starts the fork server, which runs in a school that has printed before.
    renderer_pool.library_versions()
    booklets: list[Booklet] = load_pickle(folder, "booklets")
    booklets = [replace(booklet, layout=layout) for booklet in booklets]
    with _create_app(folder).app_context():
        began = time.perf_counter()
        made = booklet_rendering.render_merged(booklets, seconds=3600)
        took = time.perf_counter() - began
    (folder / "merged.pdf").write_bytes(made)
    return took


def reflect_uncached(folder):
    """Ours, nothing rendered before: one merged, tagged file."""
    return _time_merged(folder)


def reflect_one_pagers(folder):
    """Ours, nothing rendered before: one merged, tagged file of single sheets."""
    return _time_merged(folder, BookletLayout.ONE_PAGER)


def reflect_prerendered(folder):
    """Ours, rendered ahead: one merged, tagged file from the cache."""
    return _time_merged(folder)


def reflect_single_cached(folder):
    """Ours, rendered ahead: each booklet by itself; the time of one, in the middle."""
    from reflect.printing import booklet_rendering

    booklets = load_pickle(folder, "booklets")
    took = []
    with _create_app(folder).app_context():
        booklet_rendering.render_one(booklets[0], seconds=60)
        for one in booklets:
            began = time.perf_counter()
            booklet_rendering.render_one(one, seconds=60)
            took.append(time.perf_counter() - began)
    return sorted(took)[len(took) // 2]


def reflect_school(folder, first, number):
    """Ours, `number` students from `first` on, group by group into one file on disk."""
    from reflect.printing import booklet_rendering, renderer_pool
    from reflect.storage import blob_store

    renderer_pool.library_versions()
    app = _create_app(folder)
    with app.app_context():
        keep = blob_store(app.extensions["reflect"].evidence).put

        def made():
            for at in range(first, first + number, 30):
                group = [sample_booklet(one, store_file=keep) for one in range(at, at + 30)]
                yield from booklet_rendering.render_or_cached(group, seconds=3600)

        began = time.perf_counter()
        with (folder / "school.pdf").open("wb") as into:
            booklet_rendering.merge_booklets(made(), output=into)
        return time.perf_counter() - began


def main(engine_name, folder, *numbers):
    print(json.dumps({"took": globals()[engine_name](Path(folder), *map(int, numbers))}))


if __name__ == "__main__":
    main(*sys.argv[1:])
