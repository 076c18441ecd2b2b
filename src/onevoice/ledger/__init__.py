"""The append-only book, its vault and its documents, on SQLite and PostgreSQL."""
