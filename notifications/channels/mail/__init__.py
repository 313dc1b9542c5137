"""E-mails: composing them, sending them, and what a mail server's answer means."""
