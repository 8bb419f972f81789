"""Numbered SQL files, applied by `python -m menshen_vehicles migrate`."""
