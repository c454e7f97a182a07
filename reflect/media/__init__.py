"""Uploaded evidence, transcoded so that only what can be seen or heard remains."""
