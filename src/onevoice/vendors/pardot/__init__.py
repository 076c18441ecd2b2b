"""Pardot (Account Engagement): exported visitor activities."""
