"""Compare a provider's bill with the ledger, per model and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import click

from freehold.cli.options import Moment, config_option, json_option
from freehold.cli.output import answer
from freehold.cli.reading import settings_for_looking
from freehold.cli.reconcile_screen import reconciled_shape, told
from freehold.cli.user_file import text_of
from freehold.config import Settings
from freehold.costs import Bill, Finding, Reconciling, asked_of, read_bill
from freehold.errors import ConfigError
from freehold.ledger import LedgerReader

_DAY = timedelta(days=1)


@click.command()
@click.argument(
    "bills", nargs=-1, required=True, metavar="BILL...", type=click.Path(path_type=Path, dir_okay=False)
)
@config_option
@click.option("--since", type=Moment(), metavar="WHEN", help="Only from that day on: 2026-11-24, or 7d.")
@click.option("--until", type=Moment(), metavar="WHEN", help="Only days before then.")
@click.option(
    "--provider",
    "providers",
    multiple=True,
    metavar="P",
    help="Whose bill it is, as the config names it. Repeatable. Without it: by the bill's format.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(0, 100),
    default=0.0,
    show_default=True,
    metavar="PERCENT",
    help="By how much a figure may differ, beyond the bill's own rounding.",
)
@json_option
def command(
    bills: tuple[Path, ...],
    config: Path | None,
    *,
    since: datetime | None,
    until: datetime | None,
    providers: tuple[str, ...],
    tolerance: float,
    as_json: bool,
) -> int:
    """Compare a provider's bill with the ledger, and name what differs and the requests behind it.

    BILL is an export: OpenAI's usage or costs (CSV, or the JSON of its API), Azure's cost details, or the
    plain format of the docs. Several are taken together. Days are those of UTC, from the bill's first to its
    last. Leaves with 1 where something differs or cannot be compared, with 2 where a line cannot be read.

    --json prints an object: verdict (agrees, explained, unknown, drift), since, until, bills, providers,
    findings (day, model, verdict, only_in, figures, maybe_requests, unknown_cost_requests, rows, rows_in_all,
    bill_lines).
    """
    settings = settings_for_looking(config)
    read = [read_bill(text_of(path, encoding="utf-8-sig"), path.name) for path in bills]
    days = _days(read, since, until)
    whose = frozenset(providers) or _providers(read)
    findings = _findings(settings, read, days, whose, Decimal(str(tolerance)))
    shape = reconciled_shape(read, days, whose, findings)
    answer(shape, lambda: told(read, days, findings), as_json=as_json)
    return 0 if all(finding.verdict in ("agrees", "explained") for finding in findings) else 1


def _days(bills: list[Bill], since: datetime | None, until: datetime | None) -> list[date]:
    """Every day from the bills' first to their last, within the bounds."""
    covered = sorted(day for bill in bills for day in bill.days)
    if not covered:
        raise ConfigError("", "the bill has no line about a model", hint="does it cover the right service?")
    first = max(covered[0], covered[0] if since is None else since.date())
    end = covered[-1] + _DAY
    if until is not None:
        end = min(end, (until + _DAY - timedelta(microseconds=1)).date())
    days = [first + n * _DAY for n in range((end - first).days)]
    if not days:
        raise click.BadParameter(
            f"the bill covers {covered[0]} to {covered[-1]}, none of it in that time", param_hint="--since"
        )
    return days


def _providers(bills: list[Bill]) -> frozenset[str]:
    """Whose bills these are; empty for anybody's."""
    if not all(bill.providers for bill in bills):
        return frozenset()
    return frozenset(name for bill in bills for name in bill.providers)


def _findings(
    settings: Settings, bills: list[Bill], days: list[date], providers: frozenset[str], percent: Decimal
) -> list[Finding]:
    def upstream(model: str) -> str | None:
        found = settings.models.get(model)
        return None if found is None else found.model

    comparing = Reconciling(bills, frozenset(days), percent)
    # a record that began the day before may have asked on the first day
    since, until = _midnight(days[0] - _DAY), _midnight(days[-1] + _DAY)
    with LedgerReader.open(settings.ledger.path) as reader:
        for record in reader.walk(since=since, until=until):
            for asked in asked_of(record, upstream, providers):
                comparing.add(asked)
    return comparing.findings()


def _midnight(day: date) -> float:
    return datetime.combine(day, time(), UTC).timestamp()
