"""The command `demo`: fill an empty house, and say who can sign in as whom."""

from datetime import datetime

from flask import current_app

from reflect import clock
from reflect.demo import school
from reflect.demo.people import PASSWORD
from reflect.settings import Settings

_CAST = (
    ("noor", "leerling van 2b, schrijft", "student, writes"),
    ("sam", "klasgenoot van Noor", "Noor's classmate"),
    ("dewit", "docent wiskunde van 2b en 3a, beantwoordt", "teaches mathematics to 2b and 3a, answers"),
    ("lindeman", "stagiair wiskunde in 2b, leest mee met mevrouw De Wit", "trainee in 2b, reads along"),
    ("smit", "mentor van 2b, drukt af; docent Nederlands", "mentor of 2b, prints; teaches Dutch"),
    ("fatima.noor", "moeder van Noor, leest wat gedeeld is", "Noor's mother, reads what is shared"),
    ("winter", "begeleider (zorg)", "counsellor"),
    ("brandt", "coördinator", "coordinator"),
)


def prepare(*, at: datetime) -> int:
    """Make the demo school if nobody lives here yet, and say who can sign in; what was written stays."""
    house: Settings = current_app.extensions["reflect"]
    if school.is_there():
        _say("De demoschool staat er nog, met alles wat erin geschreven is. / The demo school is still here.")
    else:
        _say("De demoschool wordt gemaakt ... / Making the demo school ...")
        school.make(today=clock.day(at, zone=house.timezone), at=at)
        school.dress(house.data)
    _say(f"\n  {house.base_url}\n\n  Wachtwoord van iedereen / everybody's password: {PASSWORD}\n")
    for name, dutch, english in _CAST:
        _say(f"  {name:<12} {dutch} / {english}")
    _say("")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)
