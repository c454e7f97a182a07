"""The fields of a form that are a day or a time: the only readers of either."""

import re
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from flask import g
from wtforms import DateField, TimeField

from reflect.school import calendar
from reflect.web.translations import gettext

# Not `strptime`, which takes digits of every script.
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?")


class DayField(DateField):
    """A day in the years around this one: an instant of any other can be more than a date holds."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        if not text:
            return
        match = _DAY.fullmatch(text)
        try:
            self.data = date(*map(int, match.groups())) if match else None
        except ValueError:
            self.data = None
        if self.data is None or not calendar.is_near(self.data, today=g.today):
            self.data = None
            raise ValueError(gettext("Choose a day that exists, not many years from now."))


class TimeOfDayField(TimeField):
    """A time of the day, in hours and minutes."""

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        text = str(valuelist[0]).strip() if valuelist else ""
        if not text:
            return
        match = _TIME.fullmatch(text)
        try:
            self.data = time(int(match[1]), int(match[2])) if match else None
        except ValueError:
            self.data = None
        if self.data is None:
            raise ValueError(gettext("Choose a time such as 08:30."))
