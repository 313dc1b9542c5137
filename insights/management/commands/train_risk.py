"""`manage.py train_risk`: learns the early warning from the installation's own orders (TM-06)."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from core.management.commands.sweep import an_instant
from core.terminal import EnglishCommand
from insights.models import WarningModel
from insights.queries.warning.models import quality_from
from insights.services.training import TooLittleData, train_model


class Command(EnglishCommand):
    """Exit status 1 when there is too little data: the board then scores by the weights of policy."""

    help = (
        "Train the early-warning model on orders whose outcome is known, judge it by later ones than it learned from,"
        " and have it score open orders from the next check on (TM-06). docs/early-warning.md explains the figures."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", type=an_instant, help="as of this instant (ISO 8601 with offset); default: now")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    def handle(self, *args: Any, at: datetime | None, **options: Any) -> None:
        trained = train_model(at=at or timezone.now())
        if isinstance(trained, TooLittleData):
            if options["json"]:
                self.stdout.write(json.dumps({"trained": False, "reason": trained.text}))
            raise CommandError(trained.text)
        if options["json"]:
            self.stdout.write(json.dumps({"trained": True, **_data(trained)}))
        else:
            self.stdout.write("\n".join(_lines(trained)))


def _data(model: WarningModel) -> dict[str, Any]:
    counts = {"orders": model.orders, "rows": model.rows, "troubled": model.troubled}
    return {"trained_at": model.trained_at.isoformat(), **counts, "quality": model.figures, "terms": model.terms}


def _lines(model: WarningModel) -> list[str]:
    quality = quality_from(model.figures)
    lines = [
        f"learned from {model.rows} snapshots of {model.orders} orders, {model.troubled} of them in trouble later",
        f"judged by {quality.rows} later snapshots, {quality.troubled} of them in trouble later:",
        f"  AUC {'–' if quality.auc is None else format(quality.auc, '.3f')}",
        f"  of the {quality.top_rows} highest scores {quality.top_precision:.1%} came true (base rate"
        f" {quality.troubled / quality.rows:.1%})",
        f"  Brier score {quality.brier:.4f}, of always saying the base rate {quality.brier_constant:.4f}",
        "  score          orders   expected   came true",
    ]
    for band in quality.bands:
        if band.rows:
            span = f"{band.lower / 10:g}–{min(band.upper, 1000) / 10:g} %"
            came = band.troubled / band.rows
            lines.append(f"  {span:<12} {band.rows:>8} {band.expected / 1000:>10.1%} {came:>11.1%}")
    return lines
