"""The demo: a fictional group of companies, made up from a moment, written as files, and loaded like anybody's."""
