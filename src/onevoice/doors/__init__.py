"""Protocols in, nouns through, protocols out; no door names a vendor."""
