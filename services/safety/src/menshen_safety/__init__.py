"""Alarms, alarm zones and emergency release."""
