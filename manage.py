#!/usr/bin/env python3
"""Entry to every command of the product: `python manage.py help`."""

import os
import sys
import uuid

import structlog


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # As tasks have one, so that what a command logs can be told apart (RL-17).
    structlog.contextvars.bind_contextvars(job_id=uuid.uuid4().hex, command=" ".join(sys.argv[1:2]))
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
