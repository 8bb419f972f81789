"""The agent that drives readers, locks and lanes."""
