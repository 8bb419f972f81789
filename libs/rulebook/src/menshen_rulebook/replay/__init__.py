"""A series of presentations decided one after the other in process, with the presence that the grants leave behind."""
