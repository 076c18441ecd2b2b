"""Any CSV or NDJSON log, read by a mapping file that says which column means what."""
