"""The charts of a decision: rented line and owned staircase, what each way costs, what matters most.

Does not know how the decision was reached, nor how a chart is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

from freehold.console.charts.axis import linear, logarithmic
from freehold.console.charts.chart import Band, Chart, Line, Look, Mark, Points, Range, Ranges, Span
from freehold.costs.decide import Decision, OwnedMonth, RentedMonth, Spread, curves, rented_people, volume

_POINTS = 300
_AROUND = 30  # the picture shows at least this many times less and more than today
_FARTHEST = 10_000  # and no farther than this, even where the break-even lies beyond
_LEAST_USD = 0.1  # a logarithmic axis ends somewhere


def staircase(decision: Decision) -> Chart | None:
    """Costs a month by volume, over the worlds of the verdict; `None` where there is nothing to compare.

    Both axes are logarithmic, since volumes and costs span decades.
    """
    here = float(decision.question.traffic.requests_per_month)
    places = _places(decision, here)
    points = curves(decision, places)
    if not points:
        return None
    own = {name: _path(places, [getattr(point.own, name) for point in points]) for name in _QUANTILES}
    rent = _path(places, [point.rent.p50 for point in points])
    values = [usd for path in (*own.values(), rent) for _, usd in path]
    return Chart(
        f"What a month costs by its requests: {_ways(decision)}",
        logarithmic("requests a month", places, volume, whole=False),
        logarithmic("USD a month", values, lambda usd: f"{usd:,.10g}"),
        (Line("own", "own", own["p50"], "80 % band"), Line("rent", "rent", rent, "with people")),
        (Band("own", own["p10"], own["p90"]),),
        (Mark(here, f"today: {volume(here)}"),),
        tuple(_break_even(decision, places[0], places[-1])),
    )


_QUANTILES = ("p10", "p50", "p90")


def _places(decision: Decision, here: float) -> list[float]:
    """Volumes around today's that show where owning begins to pay, evenly on a logarithmic axis."""
    low, high = here / _AROUND, here * _AROUND
    for turn in decision.crossings[:1]:
        low = max(min(low, turn.low / 2), here / _FARTHEST)
        high = min(max(high, turn.high * 2), here * _FARTHEST)
    return [low * (high / low) ** (i / (_POINTS - 1)) for i in range(_POINTS)]


def _path(places: Sequence[float], usds: Sequence[float]) -> Points:
    return tuple((at, max(usd, _LEAST_USD)) for at, usd in zip(places, usds, strict=True))


def _ways(decision: Decision) -> str:
    owned = "" if decision.own is None else f"owning {decision.own.owned.name}"
    return f"{owned}, renting {decision.cheapest_rent.rented.name}"


def _break_even(decision: Decision, low: float, high: float) -> list[Span]:
    """Where owning begins to pay, as far as the picture shows it."""
    return [
        Span(max(turn.low, low), min(turn.high, high), "owning begins to pay")
        for turn in decision.crossings[:1]
        if turn.high > low and turn.low < high
    ]


def costs(decision: Decision, rents: Sequence[RentedMonth], fleets: Sequence[OwnedMonth]) -> Ranges | None:
    """What a month costs in these ways, people included, and in the mix. `None` where there is none."""
    people = rented_people(decision)
    rows = [
        _range(f"rent {each.rented.name}", people.plus(float(each.usd_per_month)), "rent") for each in rents
    ]
    rows += [_range(f"own {each.owned.name}", each.usd_per_month, "own") for each in fleets]
    if decision.mix_usd_per_month is not None:
        rows.append(_range("own the base, rent the peaks", decision.mix_usd_per_month, "ink"))
    if not rows:
        return None
    axis = linear("USD a month", [row.high for row in rows], lambda usd: f"{usd:,.0f}")
    return Ranges("What a month costs in each way, with 80 % intervals", axis, tuple(rows))


def _range(name: str, usd: Spread, look: Look) -> Range:
    return Range(name, usd.p10, usd.p50, usd.p90, f"{usd.p50:,.0f}", look)


def load(decision: Decision) -> Chart:
    """Requests a second over the month, the busiest hours last, with what the owned fleet can carry."""
    traffic = decision.question.traffic
    curve = traffic.curve() * traffic.requests_per_second
    step = max(1, len(curve) // _POINTS)
    shares = [100 * at / (len(curve) - 1) for at in range(len(curve))] if len(curve) > 1 else [0.0]
    path = [*zip(shares, (float(each) for each in curve), strict=True)][::step]
    path.append((100.0, float(curve[-1])))
    lines = [Line("asked", "ink", tuple(path), "requests")]
    if decision.own is not None:
        carries = decision.own.replicas.p50 * decision.own.owned.goodput_rps.p50
        lines.append(Line("fleet", "own", ((0.0, carries), (100.0, carries)), "can carry"))
    mean = traffic.requests_per_second
    lines.append(Line("mean", "ink", ((0.0, mean), (100.0, mean)), thin=True))
    tops = [value for each in lines for _, value in each.points]
    return Chart(
        "Requests a second over the month, from the quietest to the busiest moment",
        linear("per cent of the time", [100.0], lambda share: f"{share:g} %"),
        linear("requests a second", tops, lambda rate: f"{rate:.3g}"),
        tuple(lines),
    )


def tornado(decision: Decision, most: int = 8) -> Ranges | None:
    """How far each assumption alone moves what owning saves; `None` where nothing moves it."""
    swings = decision.swings[:most]
    if not swings:
        return None
    rows = tuple(
        Range(
            each.name.replace("_", " "),
            min(each.at_p10_usd, each.at_p90_usd),
            (each.at_p10_usd + each.at_p90_usd) / 2,
            max(each.at_p10_usd, each.at_p90_usd),
            f"{signed(each.at_p10_usd)} … {signed(each.at_p90_usd)}",
            None,
        )
        for each in swings
    )
    ends = [end for row in rows for end in (row.low, row.high)]
    return Ranges(
        "USD a month that owning saves, with one assumption at either end",
        linear("USD a month that owning saves", ends, signed),
        rows,
        turn=0.0,
        sides=("renting is cheaper", "owning is cheaper"),
    )


def signed(usd: float) -> str:
    """`+1,200` or `−1,200`; 0 has no sign."""
    return "0" if round(usd) == 0 else f"{usd:+,.0f}".replace("-", "−")
