"""Simulated readers, boards, doors and panels with state machines of their own."""
