"""The worker: what happens by itself, and when."""
