"""What people and their credentials are, and which values and changes are allowed. No input or output."""
