"""The database: engine, session, unit of work, column types and migrations."""
