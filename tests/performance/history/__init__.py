"""Measurements of the history."""
