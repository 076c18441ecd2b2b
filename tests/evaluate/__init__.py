"""Figures of what is guessed or matched, against expectations that people wrote down."""
