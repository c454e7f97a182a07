"""Roster import: its model, one reader per file format, and the sync into the database."""
