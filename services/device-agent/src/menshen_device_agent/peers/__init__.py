"""The other processes the agent speaks to: access and safety."""
