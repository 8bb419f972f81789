"""What the manifests promise, and the rules that hold them to it."""
