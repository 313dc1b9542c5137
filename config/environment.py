"""What the settings read before Django exists: the data directory and the secret key kept in it."""

import os
import secrets
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def prepare_data_dir(path: Path) -> Path:
    """Make the data directory (IX-09) readable by its owner alone, and return it absolute."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return path.resolve()


def kept_secret(path: Path) -> str:
    """Return the secret key in `path`, made on first use.

    Web, worker and beat start together, so several processes may try at once: each writes its own candidate and links
    it into place, which fails for all but one; every process then reads what stands there.
    """
    if not path.exists():
        candidate = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(64))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(candidate, path)
        except FileExistsError:
            pass
        finally:
            candidate.unlink()
    return path.read_text().strip()
