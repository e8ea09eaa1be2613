"""Randomised chaos: ``python -m tests.chaos.storm [--seed S] [--deliveries N] …`` (``make chaos``).

Deliveries go to accounts on the sandbox by real Celery workers with beat, while what is drawn from one seed
happens to workers, broker, database, messages and platforms. The same seed draws the same deliveries and the
same blows; what they hit in the end depends on the moment. The verdict comes from the platforms' ledger.
"""
