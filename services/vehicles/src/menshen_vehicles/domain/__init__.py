"""What vehicles and all that belongs to them are, and which values and changes are allowed. No input or output."""
