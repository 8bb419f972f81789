"""Relay boards that speak Modbus RTU, the agent being the master; start at `session`."""
