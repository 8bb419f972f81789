"""Vehicles, permits and tags."""
