"""What the agent holds to decide alone."""
