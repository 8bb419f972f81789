"""The menshen command."""
