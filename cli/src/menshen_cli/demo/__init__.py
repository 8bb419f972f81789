"""The demonstration: an invented university on simulated hardware, and the morning that is played through its gates."""
