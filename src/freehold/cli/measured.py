"""Traffic that somebody measured already: the live ledger, a provider's bill. Does not know prices."""

from __future__ import annotations

from pathlib import Path

from freehold.cli.finding import ledger_here
from freehold.cli.user_file import text_of
from freehold.costs import read_bill
from freehold.costs.decide import Billed, Trace, TraceError, billed, trace_of
from freehold.ledger import LedgerReader, Record

# Above what a rented model is cleared for unless the config says more.
_ABOVE = frozenset({"personal", "secret"})


def is_kept(record: Record) -> bool:
    """Whether such a request has to stay: it is labelled so, and no rented model was asked.

    One was where the config clears it, or replaces what is private by pseudonyms: then it may leave.
    """
    return record.label in _ABOVE and all(
        one.tenure != "rented" or one.sent is None for one in record.attempts
    )


def ledger_trace(config: Path | None, route: str) -> Trace:
    """The requests of a route as they came, those whose tokens are known. Raises `TraceError` on none.

    What `is_kept` says counts as kept.
    """
    ledger = ledger_here(config)
    rows, simulated, kept = [], 0, 0
    with LedgerReader.open(ledger) as reader:
        for record in reader.walk(route=route):
            used = record.usage
            if used is not None:
                rows.append((record.at * 1000, used.input_tokens, used.output_tokens, used.cached_tokens))
                simulated += record.simulated
                kept += is_kept(record)
    if not rows:
        raise TraceError(
            f"the ledger holds no request of route {route} whose tokens are known",
            hint="`freehold stats` lists the routes; typed volumes need no ledger",
        )
    return trace_of(f"the ledger {ledger.name}, route {route}", rows, simulated=simulated, kept=kept)


def usage_at_hand(path: Path, models: tuple[str, ...]) -> Billed:
    """A provider's export, added up. Raises `ConfigError`."""
    return billed(read_bill(text_of(path, "--usage", encoding="utf-8-sig"), path.name), models)
