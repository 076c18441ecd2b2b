"""Zendesk: tickets, as a warehouse copies them."""
