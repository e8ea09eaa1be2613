"""Penguin (企鹅号); the contract is docs/platforms/penguin.md."""
