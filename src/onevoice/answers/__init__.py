"""Answers: one file per question; each is a function of a reader and gives a frozen value."""
