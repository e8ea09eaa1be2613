"""Whether what was sent is still there, and ours. Doors: ``verify`` (looks), ``sightings`` (what it saw)."""
