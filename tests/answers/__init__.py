"""Answers are asked of a real book, filled entry by entry."""
