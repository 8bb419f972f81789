"""PostgreSQL: the history, subjects, plans and reviews of access. Rows become frozen values here."""
