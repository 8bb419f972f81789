"""How a Menshen process lives: settings, lifecycle, servers, channels, telemetry."""
