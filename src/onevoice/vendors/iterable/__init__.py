"""Iterable: its exported events."""
