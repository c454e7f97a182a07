"""Hints for teachers: what to look at again in an answer, before the student reads it."""
