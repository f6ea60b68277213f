"""How many requests had which label, and who answered them: sums of the flows' own rows. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from freehold.console.flow import label_of
from freehold.ledger import Flow


@dataclass(frozen=True, slots=True)
class LabelSums:
    """`requests` is `owned`, `rented` and `nobody` together. `word` is what the requests page calls it."""

    name: str
    word: str | None
    owned: int = 0
    rented: int = 0
    nobody: int = 0

    @property
    def requests(self) -> int:
        return self.owned + self.rented + self.nobody


def label_sums(flows: Iterable[Flow]) -> list[LabelSums]:
    """One for each label that there was, in the order in which the flows name them; then all together."""
    counts: dict[tuple[str, str | None], dict[str, int]] = {}
    whole = {"owned": 0, "rented": 0, "nobody": 0}
    for flow in flows:
        tenure = "nobody" if flow.model is None or flow.tenure is None else flow.tenure
        sums = counts.setdefault((label_of(flow)[0], flow.label), dict.fromkeys(whole, 0))
        sums[tenure] += flow.requests
        whole[tenure] += flow.requests
    return [*(_made(name, word, sums) for (name, word), sums in counts.items()), _made("all", None, whole)]


def _made(name: str, word: str | None, sums: dict[str, int]) -> LabelSums:
    return LabelSums(name, word, sums["owned"], sums["rented"], sums["nobody"])
