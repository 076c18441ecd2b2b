"""Klaviyo: events of messages, as a warehouse copies them."""
