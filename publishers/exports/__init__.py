"""What leaves the hub for people. Doors: ``proof``, ``package`` (to publish by hand), ``reports``."""
