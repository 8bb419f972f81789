"""Real servers, real processes and patience for the tests of every room."""
