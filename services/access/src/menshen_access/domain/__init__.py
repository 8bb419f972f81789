"""What access decides and remembers, without any I/O."""
