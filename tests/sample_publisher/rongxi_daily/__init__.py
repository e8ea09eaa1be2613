"""榕溪日报, a fictional newspaper; its interface is CONTRACT.md."""

__version__ = "1.0.0"
