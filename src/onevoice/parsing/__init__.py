"""Hostile bytes to values: every reader has limits, and what cannot be read is parked with a reason."""
