"""Device protocols: no I/O, no clock, one folder each."""
