"""Deeds, tested through the store they write."""
