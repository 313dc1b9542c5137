"""OAuth 2.0: Authlib's protocol over our own tables (IX-20)."""
