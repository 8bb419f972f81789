"""The services safety calls."""
