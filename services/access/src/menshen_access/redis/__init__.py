"""Redis: our client, the keys, the function library and typed access to both."""
