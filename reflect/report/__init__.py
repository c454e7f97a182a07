"""A report: its form, its round, its words and its life."""
