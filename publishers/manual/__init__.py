"""A person's part. Doors: ``handing`` (what she gets), ``by_hand`` (what she records), ``taking_over``."""
