"""Senti Studio: label, learn and classify Chinese comments on your own machine."""

__version__ = "0.1.0"
