"""Postmark: e-mail, its webhooks and the lists of its bounce API."""
