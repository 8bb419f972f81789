"""Cardholders, credentials, facts, lists and visits."""
