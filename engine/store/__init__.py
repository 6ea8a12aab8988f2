"""Where cases, their histories and what is due are kept: SQLite or PostgreSQL, one behaviour."""
