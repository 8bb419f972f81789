"""What the agent serves on the spot."""
