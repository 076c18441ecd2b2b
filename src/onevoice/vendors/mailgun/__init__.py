"""Mailgun: e-mail, its event webhooks and the lists of its events API."""
