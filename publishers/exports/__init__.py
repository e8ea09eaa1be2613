"""What leaves the hub for people. Doors: ``proof`` (proves), ``package`` (to publish by hand), ``reports``."""
