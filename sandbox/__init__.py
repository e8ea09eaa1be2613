"""Stand-ins for the partner platforms: one HTTP server that keeps their documented contracts.

It is written from ``docs/platforms/*.md`` alone and imports nothing of the project, so that it reads
each contract as a stranger would. Faults can be switched on, everything published is kept in a ledger,
and pages show what readers would see. Start it with ``python -m sandbox``.
"""
