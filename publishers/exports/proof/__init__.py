"""Proof bundles: one zip per Release that shows, without the hub, what was signed and what became of it."""

from publishers.exports.proof.bundle import write

__all__ = ["write"]
