"""One file per deed: the only rooms that write into the book."""
