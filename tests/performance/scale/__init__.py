"""The benchmark of size: decisions and records with a thousand subjects and with a million."""
