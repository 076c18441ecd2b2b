"""Mail as people export it: mbox files, .eml files, folders and tar archives of them."""
