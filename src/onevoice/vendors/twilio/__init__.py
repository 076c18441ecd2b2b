"""Twilio: texts and WhatsApp messages."""
