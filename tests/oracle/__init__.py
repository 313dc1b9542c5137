"""The oracle: a slow reference computation written from the specification alone.

It shares no code with the product. Where both agree on random bundles, both read the rules alike.
"""
