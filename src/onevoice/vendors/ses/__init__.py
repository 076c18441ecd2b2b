"""Amazon SES: e-mail, its event publishing and its notifications."""
