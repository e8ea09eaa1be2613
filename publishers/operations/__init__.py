"""Running the hub: ``backup``, ``doctor``, ``health``, ``heartbeat``, ``metrics``; a door each."""
