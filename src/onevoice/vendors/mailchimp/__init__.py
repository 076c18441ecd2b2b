"""Mailchimp: campaigns, audiences and what became of both, as exported or copied to a warehouse."""
