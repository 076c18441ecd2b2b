"""Intercom: receipts of outbound messages."""
