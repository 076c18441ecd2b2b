"""Everything of one vendor is one folder: how to read its logs, how to send through it."""
