"""What vehicles, permits and tags are, and which values and changes are allowed. No input or output."""
