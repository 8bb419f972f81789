"""Where vehicles are kept: PostgreSQL. Rows become the domain's frozen values here."""
