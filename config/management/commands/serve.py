"""`manage.py serve`: web, worker and beat under one launcher."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from config import launcher
from core.terminal import terminal_language


class Command(BaseCommand):
    """Run the whole product with one command."""

    help = "Prepare the data directory, then run web server, task worker and scheduler together until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        web, tasks = launcher.worker_counts()
        parser.add_argument("--host", default=settings.HOST, help="address to listen on (%(default)s)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (%(default)s)")
        parser.add_argument("--web-workers", type=int, default=web, help="web processes (%(default)s)")
        parser.add_argument("--task-workers", type=int, default=tasks, help="task processes (%(default)s)")
        parser.add_argument("--no-demo", action="store_true", help="start empty, to be set up in the browser")
        parser.add_argument("--no-prepare", action="store_true", help="skip migrations, static files and the demo")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare and serve; the exit status is 0 only after a requested stop."""
        host, port = options["host"], options["port"]
        if launcher.is_taken(host, port):
            with translation.override(terminal_language()):
                taken = _("Port %(port)d is in use: stop what runs there, or choose another one with PORT or --port.")
                raise CommandError(taken % {"port": port})
        if not options["no_prepare"]:
            launcher.prepare(with_demo=settings.DEMO and not options["no_demo"])
        with translation.override(terminal_language()):
            status = launcher.serve(
                host=host,
                port=port,
                web_workers=options["web_workers"],
                task_workers=options["task_workers"],
            )
        if status:
            raise SystemExit(status)
