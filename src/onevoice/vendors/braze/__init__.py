"""Braze: events of Currents."""
