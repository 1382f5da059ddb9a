"""probatum: find what is wrong with what you ship, with evidence you can check again."""

__version__ = "0.1.0"
