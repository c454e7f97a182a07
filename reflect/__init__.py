"""Reflect: reflection reports in place of grades."""
