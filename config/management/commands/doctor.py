"""`manage.py doctor`: checks the installation (IX-16)."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation

from config.doctor import examine
from core.terminal import terminal_language


class Command(BaseCommand):
    """Print one line per check, and how to fix each problem."""

    help = "Check database, broker, cache, mail, migrations, policy, time zones and disk; say how to fix each problem."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine and report; exit status 1 when any check fails."""
        with translation.override(terminal_language()):
            findings = examine()
            well = all(finding.ok for finding in findings)
            if options["json"]:
                report = {"ok": well, "checks": [asdict(finding) for finding in findings]}
                self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
            else:
                for finding in findings:
                    style = self.style.SUCCESS if finding.ok else self.style.ERROR
                    self.stdout.write(f"{style('✓' if finding.ok else '✗')} {finding.name:12} {finding.message}")
                    if not finding.ok:
                        self.stdout.write(f"  {'':12} → {finding.mend}")
        if not well:
            raise SystemExit(1)
