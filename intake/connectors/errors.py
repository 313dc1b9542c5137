"""What may go wrong at a platform, by what it means for the feed or the connection (IX-25).

The texts are English, for logs and the run's history; pages have words of their own for each class.
"""


class PlatformError(Exception):
    """The platform did not give what was asked for."""


class TransientError(PlatformError):
    """Likely gone after a while: no connection, no answer in time, an error on the platform's side."""


class RemoteError(TransientError):
    """The platform answered that something went wrong on its side: perhaps with one object only."""


class ThrottledError(PlatformError):
    """Too many calls. ``seconds``: how long the platform wants to be left alone."""

    def __init__(self, text: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(text)


class FeedError(PlatformError):
    """One feed can't go on until somebody does something; others are not concerned."""


class PermissionMissingError(FeedError):
    """The application lacks the permission for the method."""


class RetiredMethodError(FeedError):
    """The platform does not know the method any more."""


class RefusedArgumentsError(FeedError):
    """The platform finds fault with the request: its interface changed."""


class UnfilteredError(FeedError):
    """The platform answered rows outside the range that was asked for: the filter had no effect."""


class ItemError(PlatformError):
    """The platform has no answer for one object, such as an order that it removed."""


class SessionEndedError(PlatformError):
    """The access token is not accepted."""


class SignatureRefusedError(PlatformError):
    """App Key and App Secret don't match."""
