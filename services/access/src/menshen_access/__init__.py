"""Access decisions, policies and the event history."""
