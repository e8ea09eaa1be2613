"""The desk's screens for distribution: what goes where and when, what needs a person, the accounts."""
