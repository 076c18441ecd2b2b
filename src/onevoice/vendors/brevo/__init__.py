"""Brevo (once Sendinblue): e-mail, its transactional and marketing webhooks."""
