"""Ways to carry bytes between the agent and a device: `ports` says what a transport owes, the others pay it."""
