"""Whether what was sent is still there, and ours. Door: ``sightings``; beat calls ``verify``."""
