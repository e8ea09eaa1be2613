"""The Document: the one representation of an article after sign-off."""
