"""Console: the pages people read, made on the server from answers; they need no script to be read."""
