"""The benchmark of the way of a presentation."""
