"""The gRPC edge: servicers, conversion, and who may call what."""
