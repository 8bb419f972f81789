"""What safety knows, free of any I/O."""
