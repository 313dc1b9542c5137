"""What the consent page shows."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from api.forms import GrantForm
from api.models import ApiClient


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """``target``: where the browser goes afterwards."""

    client: ApiClient
    form: GrantForm
    target: str


def target_of(redirect_uri: str) -> str:
    """The host that an address leads to, or the scheme of a program on this device."""
    parts = urlsplit(redirect_uri)
    return parts.netloc or f"{parts.scheme}:"


def form_target(redirect_uri: str) -> str:
    """The address as the content security policy names where a form may lead."""
    parts = urlsplit(redirect_uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
