"""Mail to people of the house. Doors: ``mail`` (of an event), ``reminders`` (of what is late)."""
