"""What stands at a gate, free of protocols and of I/O: doors, lanes, sightings, zones."""
