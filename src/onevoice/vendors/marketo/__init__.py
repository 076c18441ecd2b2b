"""Marketo: bulk extracts of activities."""
