"""Asking a plugin: whatever it answers, raises, leaves behind or never comes back from ends in a sentence."""

from publishers.asking.calls import PluginFails, PluginHangs, ask, called

__all__ = ["PluginFails", "PluginHangs", "ask", "called"]
