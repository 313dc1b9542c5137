"""Signs one person in after the other until a file is there: `python -m benchmarks.door FILE`; JSON of the seconds that
each took, and before it a transaction to begin, which on SQLite waits for the write lock."""

import json
import sys
import time
from http import HTTPStatus
from itertools import count
from pathlib import Path

from django.db import transaction
from django.test import Client
from django.urls import reverse

from benchmarks import ready  # noqa: F401
from stores.models import User

PASSWORD = "a-long-enough-password"
# So that sign-ins of one person don't pile up.
BETWEEN = 0.1


def main(flag: Path) -> None:
    """Say that it begins, then sign in until ``flag`` is there."""
    email = "door@example.com"
    if not User.objects.filter(email=email).exists():
        User.objects.create_user(email, PASSWORD)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    seconds, locks, failures = [], [], 0
    for number in count():
        if flag.exists():
            break
        began = time.perf_counter()
        with transaction.atomic():
            locks.append(time.perf_counter() - began)
        began = time.perf_counter()
        # An address of its own for each: one alone would be slowed down as a guesser.
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        client = Client(REMOTE_ADDR=address, HTTP_HOST="localhost", raise_request_exception=False)
        response = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        seconds.append(time.perf_counter() - began)
        failures += response.status_code != HTTPStatus.FOUND
        time.sleep(BETWEEN)
    sys.stdout.write(json.dumps({"seconds": seconds, "locks": locks, "failures": failures}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
