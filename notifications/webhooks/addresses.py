"""How addresses of endpoints are shown: paths may hold secrets of the company's own."""

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host of an address, with its port."""
    return urlsplit(url).netloc or url
