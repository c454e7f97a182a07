"""No text of a form says who reads: it is fixed, and who reads is not."""

import pytest
import sqlalchemy as sa

from reflect import paths
from reflect.db.session import commit, session
from reflect.i18n import FORM_LANGUAGES
from reflect.reports.forms import Form, save_form
from reflect.reports.reader_sentences import without_readers
from reflect.reports.report import Report
from tests.cast import NOW

# The first two of each language stood in forms of ours, with which reports were begun.
SAYS_WHO_READS = {
    "nl": [
        "Alleen je docent leest deze brief.",
        "Dit stuk is eerst alleen van jou. Jij kiest of iemand het mag lezen.",
        "Je docent leest deze brief. Jij kiest of nog iemand hem mag lezen.",
        "Niemand anders ziet dit.",
        "Dit lezen je ouders niet!",
        "Je mentor kan dit verslag inzien.",
        "Wat je hier schrijft, leest je docent.",
        "Je ouders lezen alles mee.",
        "Jij kiest of en wanneer je dit deelt.",
        "Alleen jij leest dit onderdeel.",
        "(Je docent leest dit niet.)",
    ],
    "en": [
        "Only your teacher reads this letter.",
        "This part is yours only at first. You choose whether someone may read it.",
        "Your teacher reads this letter. You choose whether somebody else may read it too.",
        "Nobody else sees this.",
        "Your parents will not read this!",
        "What you write here is read by your mentor.",
        "Only you see this part.",
        "You choose if and when you share this.",
    ],
}
SAYS_SOMETHING_ELSE = {
    "nl": [
        "Wil je praten? Ga naar je mentor.",
        "Leg één ding uit aan iemand die het nog niet kent.",
        "Schrijf wat je docent over dit onderdeel moet lezen.",
        "Kun je dit aan je docent laten zien?",
        "Het helpt om het iemand te laten lezen.",
        "Laat je docent zien hoe je dit hebt aangepakt.",
        "Een docent ziet dat het lukt als je het uitlegt.",
        "Fouten horen erbij: ze laten zien waar je leert.",
        "Kijk ook naar een stuk van een opgave.",
        "Schrijf niet over de gezondheid van anderen.",
    ],
    "en": [
        "Would you like to talk? Go to your mentor.",
        "Explain one thing to somebody who does not know it yet.",
        "Write what your teacher should read in this part.",
        "Could you show this to your teacher?",
        "Mistakes belong to learning: they show where you learn.",
        "A teacher sees that it works when you explain it.",
        "Do not write about other people’s health.",
    ],
}


@pytest.mark.parametrize("language", FORM_LANGUAGES)
def test_only_a_sentence_that_says_who_reads_is_left_out(language):
    for text in SAYS_WHO_READS[language]:
        assert not without_readers(text, language=language), text
        assert without_readers(f"Eerst. {text} Daarna.", language=language) == "Eerst. Daarna."
    for text in SAYS_SOMETHING_ELSE[language]:
        assert without_readers(text, language=language) == text
    assert without_readers("", language=language) == ""


def test_no_form_of_ours_says_it():
    for path in paths.FORMS.glob("*.md"):
        text = path.read_text("utf-8")
        language = path.name.split(".")[1]
        for line in text.splitlines():
            assert without_readers(line, language=language) == line.strip(), path.name


@pytest.mark.parametrize("language", FORM_LANGUAGES)
def test_a_report_begun_with_an_earlier_form_does_not_say_it(app, client_of, make_report, language):
    """Its form stays as it is: only what is false in it, or may become so, is not shown."""
    number = make_report("draft")
    said = SAYS_WHO_READS[language]
    text = f'''+++
name = "Vroeger"
subject = "*"
language = "{language}"
+++
Hallo daar. {said[0]}

## Brief {{#brief}}
Vraag het hier. {said[0]} {said[1]}
[letter to teacher]
[{"richtlijn" if language == "nl" else "guide"}]: Kijk vooruit. {said[3]}
'''
    with app.app_context():
        form = save_form(text, slug="vroeger", at=NOW)
        session().execute(sa.update(Report).values(form_id=form.id))
        commit()
        assert session().get(Form, form.id).text == text
        session().close()
    for path in ("schrijven", "inleveren"):
        shown = client_of("noor").get(f"/verslagen/{number}/{path}").words
        assert not [one for one in said if one in shown]
    writing = client_of("noor").get(f"/verslagen/{number}/schrijven").words
    assert "Vraag het hier." in writing
    assert "je docent, zodra je het inlevert" in writing, "who reads is said from the table"
