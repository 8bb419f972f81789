"""What safety serves."""
