"""Who may do what to accounts and deliveries, and did. Doors: ``permissions``, ``audit``, ``refusals``."""
