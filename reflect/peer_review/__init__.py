"""Peer review: a colleague reads a draft answer and suggests changes."""
