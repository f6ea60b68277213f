"""The accounts of all keys and routes that have a budget. What they have spent is read from the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from freehold.access.budget import Account, Budget, Hold, Period, bounds
from freehold.access.key import Key
from freehold.ledger import Correction, CorrectionFeed, Spending, spending

Kind = Literal["key", "route"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one budget stands in its present period. `name` is a route's, or a key's id."""

    kind: Kind
    name: str
    period: Period
    budget_usd: Decimal
    spent_usd: Decimal
    held_usd: Decimal


class Budgets:
    """Lives as long as the process; a changed config keeps what is held.

    Holds are in memory alone: those of a killed process are gone with it, and what its unfinished requests
    cost has no record. What is spent is the sum of the records, at the costs that count now.
    """

    def __init__(self) -> None:
        self._accounts: dict[tuple[Kind, str], Account] = {}
        self._feed: CorrectionFeed | None = None

    def load(self, ledger: Path, keys: Iterable[Key], routes: Mapping[str, Budget], at: float) -> None:
        """Open the accounts that are missing, with what the ledger says was spent in the period around `at`.

        Reads the ledger, so not for the event loop. A route whose cap alone changed keeps its account.
        """
        if self._feed is None:
            self._feed = CorrectionFeed(ledger)
        wanted: dict[tuple[Kind, str], Budget | None] = {("key", key.id): key.budget for key in keys}
        wanted |= {("route", name): budget for name, budget in routes.items()}
        spent: dict[tuple[Kind, float], Spending] = {}
        for (kind, name), budget in wanted.items():
            account = self._accounts.get((kind, name))
            if budget is None:
                continue
            if account is not None and account.budget.period == budget.period:
                account.budget = budget
                continue
            since = bounds(budget.period, at)[0]
            if (kind, since) not in spent:
                spent[kind, since] = spending(ledger, kind, since)
            found = spent[kind, since]
            account = Account(f"{kind} {name}", budget, at, found.of(name), found.corrected_to)
            self._accounts[kind, name] = account

    def repriced(self) -> list[Correction]:
        """What was priced again since the last call, for `correct`. Reads the ledger, so not for the loop."""
        return [] if self._feed is None else self._feed.poll()

    def correct(self, corrections: Iterable[Correction]) -> None:
        """What was spent is what it costs now."""
        for new in corrections:
            if new.key is not None:
                self._correct(("key", new.key), new)
            if new.route is not None:
                self._correct(("route", new.route), new)

    def _correct(self, whose: tuple[Kind, str], new: Correction) -> None:
        account = self._accounts.get(whose)
        if account is not None and new.id > account.corrected_to:
            account.correct(new.at, new.difference_usd)

    def close(self) -> None:
        if self._feed is not None:
            self._feed.close()

    def hold(self, key: Key | None, route: str, route_budget: Budget | None, at: float) -> Hold | None:
        """The hold of a request that came at `at`; `None` where no budget bounds it."""
        accounts = []
        if key is not None and key.budget is not None:
            accounts.append(self._account("key", key.id, key.budget, at))
        if route_budget is not None:
            accounts.append(self._account("route", route, route_budget, at))
        return Hold(accounts, at) if accounts else None

    def standing(self, at: float) -> list[Standing]:
        """Where every budget stands at `at`."""
        found = []
        for (kind, name), account in self._accounts.items():
            term, budget = account.term(at), account.budget
            found.append(Standing(kind, name, budget.period, budget.usd, term.spent, term.held))
        return found

    def _account(self, kind: Kind, name: str, budget: Budget, at: float) -> Account:
        account = self._accounts.get((kind, name))
        if account is None:  # a key that was made while we run has spent nothing
            account = self._accounts[kind, name] = Account(f"{kind} {name}", budget, at)
        return account
