"""Page 3: what the traffic is and how it is known, whether the promise is kept, and what was not measured."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.console.board.brief import Brief, Measured
from freehold.console.board.sheet import Heading, Page, Part, Picture, Points, Row, Table, Text
from freehold.console.board.words import figure, figure_range, whole_range
from freehold.console.charts import load
from freehold.costs.decide import OwnedMonth, Way, span, volume
from freehold.costs.fleet import Outcome


def evidence_page(brief: Brief) -> Page:
    parts = [*_traffic(brief), *_latency(brief), *_capacity(brief), *_known(brief), *_unmeasured(brief)]
    return Page("Evidence and latency", tuple(parts))


def _traffic(brief: Brief) -> Iterator[Part]:
    traffic, seen = brief.decision.question.traffic, brief.measured
    yield Heading("The traffic")
    yield Text(_source(seen))
    peak = (
        "measured, minute by minute"
        if traffic.duration_curve is not None
        else "typed or assumed, not measured"
    )
    lengths = "typed or assumed" if seen is None else f"the mean of {seen.source}, or typed"
    rows = [
        Row(("requests a month", volume(float(traffic.requests_per_month)), _volume_known(seen))),
        Row(("requests a second, mean", figure(traffic.requests_per_second), "over 730 hours")),
        Row(("peak ÷ mean", figure(traffic.peak_to_mean), peak)),
        Row(("tokens in, a request", figure(float(traffic.input_tokens)), lengths)),
        Row(("of them cached", figure(float(traffic.cached_tokens)), lengths)),
        Row(("tokens out, a request", figure(float(traffic.output_tokens)), lengths)),
    ]
    yield Table(("figure", "value", "how it is known"), tuple(rows), right=(1,), wide=(2,))
    caption = (
        "Sorted from the quietest moment to the busiest: a fleet is paid for the peak, not for the mean."
    )
    assumed = "" if traffic.duration_curve is not None else " The shape is assumed from the peak."
    yield Picture(load(brief.decision), f"{caption}{assumed}")


def _source(seen: Measured | None) -> str:
    if seen is None:
        return "Typed or assumed: no request was counted for this report."
    counted = "" if seen.requests is None else f"{seen.requests:,} requests over "
    paid = "" if seen.usd is None else f"; {seen.usd:,.2f} USD were billed for them"
    return f"Measured by {seen.source}: {counted}{span(seen.days)}{paid}."


def _volume_known(seen: Measured | None) -> str:
    return "typed" if seen is None else f"{span(seen.days)} scaled to a month of 730 hours, or typed"


def _latency(brief: Brief) -> Iterator[Part]:
    """With real arrivals what the simulated fleet did with them; without, what a replica can carry."""
    own, promise = brief.decision.own, brief.promise
    if own is None:
        return
    yield Heading("The promised latency")
    first, further = figure(promise.ttft_p95_seconds), figure(promise.tpot_p95_seconds * 1000)
    yield Text(
        f"Of 100 requests 95 see their first token within {first} s (TTFT) and each further one within "
        f"{further} ms (TPOT). The fleet is the smallest that keeps this at the peak."
    )
    way = _simulated(brief, own)
    yield from _by_arrivals(brief, way) if way is not None else _by_load(brief, own)


def _simulated(brief: Brief, own: OwnedMonth) -> Way | None:
    return next((way for way in brief.fleets if way.owned == own.owned and way.enough is not None), None)


def _by_arrivals(brief: Brief, way: Way) -> Iterator[Part]:
    rows = [_outcome(brief, each) for each in (way.enough, way.one_less) if each is not None]
    yield Table(
        ("replicas", "TTFT p50, s", "TTFT p95, s", "TPOT p95, ms", "busy", "the promise is"),
        tuple(rows),
        right=(1, 2, 3, 4),
    )
    yield Text(
        "Simulated: the traffic's own arrivals, served by the predicted engine. No such machine was run.",
        faint=True,
    )


def _outcome(brief: Brief, each: Outcome) -> Row:
    tpot = each.tpot_p95_seconds
    return Row(
        (
            f"{each.replicas}",
            figure(each.ttft_p50_seconds),
            figure(each.ttft_p95_seconds),
            "–" if tpot is None else figure(tpot * 1000),
            f"{each.utilisation:.0%}",
            "kept" if each.keeps(brief.promise) else "broken",
        )
    )


def _by_load(brief: Brief, own: OwnedMonth) -> Iterator[Part]:
    traffic = brief.decision.question.traffic
    rows = (
        Row(("requests a second at the peak", figure(traffic.requests_per_second * traffic.peak_to_mean))),
        Row(
            (
                "requests a second that one replica carries within the promise",
                figure_range(own.owned.goodput_rps),
            )
        ),
        Row(("replicas", whole_range(own.replicas))),
        Row(("GPUs", whole_range(own.gpus))),
    )
    yield Table((f"{own.owned.name}", "80 % interval"), rows, right=(1,))
    yield Text(
        "Simulated: arrivals drawn by chance at the peak's rate, since no trace of real ones was given.",
        faint=True,
    )


def _capacity(brief: Brief) -> Iterator[Part]:
    own = brief.decision.own
    if own is None:
        return
    yield Heading("What the machines can do")
    yield Text(
        "Tokens a second are predicted by a physical model calibrated on published measurements, with an "
        "80 % interval (freehold docs capacity). A measurement of your own by freehold bench goes before it."
    )
    notes = tuple(("", f"{note}.") for note in dict.fromkeys(own.owned.notes))
    if notes:
        yield Points(notes)


def _known(brief: Brief) -> Iterator[Part]:
    """Contracts, licences and stated quality, one row for all that one source says of a model."""
    lines: dict[tuple[str, str], list[str]] = {}
    for each in brief.decision.question.weighed.known:
        dated = each.source if each.as_of is None else f"{each.source}, {each.as_of.isoformat()}"
        lines.setdefault((each.name, dated), []).append(each.says)
    if lines:
        yield Heading("Contracts, licences, quality", "as stated; read the contract before you sign")
        rows = tuple(Row((name, "; ".join(says), source)) for (name, source), says in lines.items())
        yield Table(("model", "says", "source"), rows, small=True, wide=(1, 2))


def _unmeasured(brief: Brief) -> Iterator[Part]:
    decision = brief.decision
    yield Heading("What is not known")
    unknown = []
    stated = {each.name for each in decision.question.weighed.known if each.key == "quality"}
    if decision.own is not None and decision.own.owned.model not in stated:
        unknown.append(("quality", f"whether {decision.own.owned.model} is good enough for this use."))
    if decision.rent:
        unknown.append(
            (
                "rented latency",
                f"how quickly {decision.cheapest_rent.rented.name} answers; it has no promise here.",
            )
        )
    if brief.measured is None:
        unknown.append(("traffic", "every volume and length here was typed or assumed."))
    elif not brief.measured.has_arrivals:
        unknown.append(
            ("arrivals", f"{brief.measured.source} counts days, so the peak within a day is assumed.")
        )
    yield Points(tuple(unknown))
