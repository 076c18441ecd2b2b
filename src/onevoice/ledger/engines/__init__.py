"""The stores that fulfil `ledger.engine`: SQLite for one machine, PostgreSQL for a team."""
