"""Mail to people of the house. Door: ``mail`` (of an event); beat calls ``reminders`` (of what is late)."""
