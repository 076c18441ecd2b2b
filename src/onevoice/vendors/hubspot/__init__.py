"""HubSpot: its e-mail events."""
