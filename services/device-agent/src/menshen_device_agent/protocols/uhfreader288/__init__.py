"""UHF tag readers of the UHFReader18/288 family; start at `session`."""
