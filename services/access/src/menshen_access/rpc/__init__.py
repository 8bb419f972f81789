"""The servicers of access, and the one place where protos become domain values."""
