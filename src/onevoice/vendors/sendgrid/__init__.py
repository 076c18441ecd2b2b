"""SendGrid: e-mail, its event webhook and exports of it."""
