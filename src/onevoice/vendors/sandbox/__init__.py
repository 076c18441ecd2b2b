"""A vendor that sends nothing: for demos, tests and first steps."""
