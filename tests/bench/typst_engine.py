"""Typst for the bench: a small template that comes near our pages."""

import functools
import re

import typst

from reflect.reports.form_schema import display_text

DOCUMENT_HEADER = """
#set document(title: "{name}, Herfst", author: "Lyceum")
#set text(font: "Atkinson Hyperlegible Next", size: 11pt, lang: "nl", hyphenate: true)
#set page(paper: "a4", margin: (top: 24mm, right: 34mm, bottom: 22mm, left: 24mm),
  header: [#set text(9pt); {name} #h(1fr) Herfst],
  footer: context [#set text(9pt); Lyceum #h(1fr) #counter(page).display("1 / 1", both: true)])
#show heading.where(level: 1): it => [#pagebreak(weak: true) #text(22pt, it.body)]
#show heading.where(level: 2): set text(13pt)
#let teacher(body) = block(stroke: (left: 0.9mm + rgb("#8d6280")), inset: (left: 4mm), emph(body))
#text(30pt)[{name}]

#outline(depth: 1, title: [Wat hierin staat])
"""
_MATH_PATTERN = re.compile(r"\$\$?(.+?)\$\$?")
_LATEX_TO_TYPST = (
    (r"\\frac\{(.+?)\}\{(.+?)\}", r"frac(\1, \2)"),
    (r"\\sqrt\{(.+?)\}", r"sqrt(\1)"),
    (r"\\times|\\cdot", "dot"),
)
_SAFE_MATH = re.compile(r"(?:frac|sqrt|dot|[a-z](?![a-z])|[0-9 +=<>(),.^-])*")


def convert_fonts(folder):
    """Turn our fonts into files that Typst reads."""
    from fontTools.ttLib import TTFont

    from reflect import paths

    for path in paths.STATIC.glob("fonts/*.woff2"):
        font = TTFont(path)
        font.flavor = None
        font.save(folder / f"{path.stem}.ttf")


@functools.lru_cache(maxsize=1)
def _compiler(folder):
    return typst.Compiler(root=str(folder), font_paths=[str(folder)], ignore_system_fonts=True)


def typeset_pdf(booklet, pictures, folder, into):
    """Print one booklet."""
    for key, content in pictures.items():
        (folder / f"{key}.jpg").write_bytes(content)
    source = folder / "booklet.typ"
    source.write_text(_typst_source(booklet), "utf-8")
    _compiler(folder).compile(str(source), output=str(into), pdf_standards=["ua-1"])


def _typst_source(booklet):
    parts = [DOCUMENT_HEADER.replace("{name}", booklet.student.name)]
    for report in booklet.reports:
        parts.append(f"= {report.subject}\n")
        for view in report.sections:
            parts.append(f"== {_escaped(view.section.prompt)}\n")
            for field in (field for row in view.section.rows for field in row):
                parts.append(_typst_markup(display_text(field, view.student_content)))
            parts += [
                f'#figure(image("{key}.jpg", alt: "Mijn uitwerking", height: 90mm), '
                "caption: [Mijn uitwerking])\n"
                for key in view.student_content.get("evidence", "").split()
            ]
            if view.teacher_text:
                parts.append(f"#teacher[{_typst_markup(view.teacher_text)}]\n")
        parts.append(
            "== Het antwoord\n"
            + "\n".join(f"#teacher[{_typst_markup(text)}]" for text in report.overall.values())
        )
        parts.append("\n== Het slotwoord\n" + _typst_markup(report.closing_word))
        parts += [
            f"- *{_escaped(goal.description)}* {_escaped(goal.success_criterion)}\n"
            for goal in report.goals
        ]
    parts.append("= Voornemens en afspraken\n" + "#v(9mm)#line(length: 100%)\n" * 9)
    return "\n".join(parts)


def _typst_markup(text):
    found = _MATH_PATTERN.split(text)
    return (
        "".join(
            _typst_math(part) if place % 2 else _escaped(part) for place, part in enumerate(found)
        )
        + "\n\n"
    )


def _typst_math(latex):
    for pattern, other in _LATEX_TO_TYPST:
        latex = re.sub(pattern, other, latex.replace('"', ""))
    shown = latex if _SAFE_MATH.fullmatch(latex) else _escaped(latex).join(('"', '"'))
    return f'#math.equation(alt: "formule", ${shown}$)'


def _escaped(text):
    return re.sub(r"([\\#$*_`<>@\[\]~=/+-])", r"\\\1", text)
