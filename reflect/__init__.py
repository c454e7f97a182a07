"""Reflect: reflection reports in place of grades."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reflect.settings import Settings
    from reflect.store import House


def create_app(given: Settings | None = None) -> House:
    """Make the application: see `reflect.app`. Raises WrongSetting."""
    from reflect import app  # only now: every child of the press loads this package, and needs no screens

    return app.create_app(given)
