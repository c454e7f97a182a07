"""The steps that the database has taken, oldest first."""
