"""PostgreSQL: statements in queries.sql, rows turned into frozen values here."""
