"""Commands called with what they can't take: a sentence names the thing, exit status ≠ 0, no traceback (IX-10 …)."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command, load_command_class
from django.utils import translation

from metrics.models import Published
from tests.metrics.making import make_orders, make_store

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db]
HOMES = {
    "import_bundle": "intake",
    "remove_company": "stores",
    "demo": "demo",
    "nightly": "metrics",
    "explain": "insights",
    "export": "dashboard",
    "backtest": "insights",
    "sweep": "core",
}


def spoken(name: str, *arguments: str) -> tuple[int, str, str]:
    """Status, output and error output as the command line gives them: `BaseCommand.run_from_argv` without closing the
    test's connection. Whatever is no `CommandError` would be a traceback there and fails here."""
    command, out, err = load_command_class(HOMES[name], name), StringIO(), StringIO()
    command._called_from_command_line = True
    command.stdout._out, command.stderr._out = out, err
    parser = command.create_parser("manage.py", name)
    parser._print_message = lambda message, file=None: err.write(message or "")
    try:
        with translation.override("en"):
            options = vars(parser.parse_args(list(arguments)))
            command.execute(*options.pop("args", ()), **options)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


REFUSALS = [
    (["nightly", "--day", "foo"], "'foo' is not a day: write YYYY-MM-DD"),
    (["nightly", "--day", "20260301"], "'20260301' is not a day"),
    (["nightly", "--day", "2026-02-29"], "'2026-02-29' is not a day"),
    (["nightly", "--day", "9999-12-31"], "outside the years 2000 to 2100"),
    (["nightly", "--day", "0001-01-01"], "outside the years 2000 to 2100"),
    (["nightly", "--from", "2026-01-01"], "--from and --to go together"),
    (["nightly", "--to", "2026-01-01"], "--from and --to go together"),
    (["nightly", "--from", "2026-01-02", "--to", "2026-01-01"], "--from is after --to"),
    (["nightly", "--store", "S1", "--store", "NOPE"], "NOPE"),
    (["nightly", "--nonsense"], "--nonsense"),
    (["export"], "KIND"),
    (["export", "facts"], "--out"),
    (["export", "nonsense", "--out", "x.csv"], "'nonsense'"),
    (["export", "facts", "--out", "{folder}"], "{folder} is a folder"),
    (["export", "facts", "--out", "{folder}/none/x.csv"], "{folder}/none is no folder"),
    (["export", "facts", "--out", "{folder}/x.csv", "--from", "bad"], "argument --from: 'bad' is not a day"),
    (["export", "facts", "--out", "{folder}/x.csv", "--to", "2026-3-1"], "argument --to: '2026-3-1' is not a day"),
    (["export", "facts", "--out", "{folder}/x.csv", "--from", "2026-01-02", "--to", "2026-01-01"], "--from is after"),
    (["export", "facts", "--out", "{folder}/x.csv", "--store", "NOPE"], "NOPE"),
    (["export", "problem_orders", "--out", "{folder}/x.csv"], "problem_orders needs it"),
    (["export", "facts", "--out", "{folder}/x.csv", "--metric", "odr"], "--metric goes with problem_orders"),
    (["export", "problem_orders", "--out", "{folder}/x.csv", "--metric", "gmv"], "'gmv'"),
    (["explain", "--metric", "odr"], "--store"),
    (["explain", "--store", "S1"], "--metric"),
    (["explain", "--store", "NOPE", "--metric", "odr"], "NOPE"),
    (["explain", "--store", "S1", "--metric", "nope"], "'nope'"),
    (["explain", "--store", "S1", "--metric", "odr", "--day", "31.12."], "'31.12.' is not a day"),
    (["explain", "--store", "S1", "--metric", "odr", "--package", "{folder}"], "{folder} is a folder"),
    (["explain", "--store", "S1", "--metric", "odr", "--package", "{folder}/no/x.zip"], "{folder}/no is no folder"),
    (["backtest", "--all", "--metric", "odr", "--from", "x", "--to", "2026-01-01"], "'x' is not a day"),
    (["import_bundle"], "PATH"),
    (["import_bundle", "{folder}/none"], "{folder}/none does not exist"),
    (["import_bundle", "{folder}", "--as-of", "2026-01-01"], "--as-of must be an instant with an offset"),
    (["import_bundle", "{folder}", "--as-of", "yesterday"], "--as-of must be an instant with an offset"),
    (["import_bundle", "{folder}", "--zone", "Mars/Base"], "Mars/Base"),
    (["import_bundle", "{folder}", "--profile", "nope"], "--profile nope is not known"),
    (["import_bundle", "{folder}"], ""),
    (["remove_company"], "NO --demo"),
    (["remove_company", "NOPE", "--yes"], "NOPE"),
    (["demo", "--seed", "x"], "'x'"),
    (["sweep", "--at", "2026-01-01T10:00:00"], "is not an instant with an offset"),
    (["sweep", "--at", "2026-13-01T10:00:00Z"], "2026-13-01"),
]


@pytest.mark.rule("IX-10", "IX-11", "IX-12", "IX-13", "IX-14")
@pytest.mark.parametrize(
    ("arguments", "said"), REFUSALS, ids=lambda value: "-".join(value)[:60] if isinstance(value, list) else ""
)
def test_refusal_names_what_was_wrong(arguments, said, tmp_path):
    make_store()
    arguments = [part.format(folder=tmp_path) for part in arguments]
    status, _out, err = spoken(*arguments)
    assert status != 0
    assert said.format(folder=tmp_path) in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.rule("MX-03", "IX-11")
@pytest.mark.parametrize(
    ("now", "rating", "performance"),
    [
        # 00:30 in Shanghai: its day 10 is over, the UTC day 10 is not.
        (datetime(2026, 3, 10, 16, 30, tzinfo=UTC), date(2026, 3, 9), date(2026, 3, 10)),
        (datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC), date(2026, 3, 9), date(2026, 3, 9)),
        (datetime(2026, 3, 11, 0, 0, 0, tzinfo=UTC), date(2026, 3, 10), date(2026, 3, 10)),
    ],
)
def test_night_without_a_day_closes_no_day_that_is_not_over(now, rating, performance):
    store = make_store()
    make_orders(store, 3)
    with time_machine.travel(now, tick=False):
        call_command("nightly", stdout=StringIO())
    days = dict(Published.objects.filter(store=store).values_list("calendar", "day"))
    assert days == {"rating": rating, "performance": performance}


HEADERS = {
    # IX-13 fixes these columns and their order.
    "scorecards": [
        "store_no", "day", "metric", "numerator", "denominator", "value", "threshold_yellow", "threshold_red",
        "level", "benchmark", "deviation", "policy_version",
    ],
    # Of the others it fixes what they are about: what a reader looks for must be there, first what tells rows apart.
    "facts": ["store_no", "day", "orders_paid", "gmv_cents_usd"],
    "ratings": ["store_no", "day", "rating", "published_rating"],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.rule("IX-13", "SR-06")
@pytest.mark.parametrize("kind", HEADERS)
def test_header_is_as_written(kind, tmp_path):
    make_orders(make_store(), 3)
    call_command("nightly", day=date(2026, 3, 10), stdout=StringIO())
    out = tmp_path / "out.csv"
    call_command("export", kind, out=out, stdout=StringIO())
    with out.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file))
    whole = kind == "scorecards"
    assert (header if whole else header[: len(HEADERS[kind])]) == HEADERS[kind]


@pytest.mark.rule("IX-11", "IX-13")
@pytest.mark.parametrize(
    "stores", [("--store", "S1", "S3"), ("--store", "S1", "--store", "S3"), ("--store=S3", "--store=S1")]
)
def test_stores_are_named_one_after_the_other_or_each_by_itself(stores, tmp_path):
    for number in ("S1", "S2", "S3"):
        make_orders(make_store(number), 3)
    assert spoken("nightly", "--day", "2026-03-10", *stores)[0] == 0
    assert set(Published.objects.values_list("store__store_no", flat=True)) == {"S1", "S3"}
    assert spoken("export", "scorecards", "--out", str(tmp_path / "x.csv"), *stores)[0] == 0
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(row["store_no"], row["day"]) for row in csv.DictReader(file)}
    # Without days of its own an export is about those that nights have published.
    assert rows == {("S1", "2026-03-10"), ("S3", "2026-03-10")}
