"""Onevoice: an organisation speaks to each of its customers with one voice."""

__version__ = "0.1.0"
