"""The other services: feeds of subjects, alarms to safety."""
