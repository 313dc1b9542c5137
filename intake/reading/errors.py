"""Why a bundle or a file of it can't be taken."""


class BundleError(ValueError):
    """The message says why, and what to do, in the reader's language."""
