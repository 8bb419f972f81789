"""The fixtures of tests/harness, for the tests of every room."""

pytest_plugins = ["harness.fixtures", "harness.workers"]
