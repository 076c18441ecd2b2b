"""The company's own mail server, or any that speaks SMTP."""
