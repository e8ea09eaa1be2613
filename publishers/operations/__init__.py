"""Running the hub, by commands and addresses: backup, doctor, health, heartbeat, metrics."""
