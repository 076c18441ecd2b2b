"""Whole stories through the doors."""
