"""A decision as JSON: every figure that the screen rounds. Does not know how it was reached."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from freehold.cli.deciding import Decided, Window
from freehold.cli.figures import exact
from freehold.cli.plan_screen import plan_shape
from freehold.cli.weighed_screen import weighed_shape
from freehold.costs.decide import Decision, Horizon, OwnedMonth, Spread, assumed, plan, sentence


def decision_shape(decided: Decided) -> dict[str, Any]:
    """Money is decimal strings in USD a month; the rented month is unrounded."""
    decision = decided.decision
    return {
        "verdict": decision.ruling.verdict,
        "reason": sentence(decision),
        "decided_by": decision.ruling.decided_by,
        "decided_by_kind": decision.ruling.by,
        "weighed": weighed_shape(decision),
        "rent": [
            {"model": item.rented.name, "usd_per_month": exact(item.usd_per_month)}
            | _in_trace(decided, item.rented.name)
            for item in decision.rent
        ],
        "own": None
        if decision.own is None
        else _fleet_shape(decision.own) | _simulated(decided, decision.own),
        "break_even_requests_per_month": [[item.low, item.high] for item in decision.crossings],
        "own_is_cheaper_probability": decision.own_is_cheaper,
        "own_over_rent": _figures(decision.own_over_rent),
        "traffic": _traffic_shape(decision),
        "window": None if decided.window is None else _window_shape(decided.window),
        "enough_was_seen": not decision.question.is_thin,
        "plan": plan_shape(plan(decision, measured=decided.window is not None)),
        "alternatives": _alternatives(decision),
        "scenarios": [
            {
                "name": item.name,
                "verdict": item.ruling.verdict,
                "own_over_rent": _figures(item.own_over_rent),
            }
            for item in decision.scenarios
        ],
        "swings": [
            {
                "assumption": item.name,
                "saving_usd_at_p10": _usd(item.at_p10_usd),
                "saving_usd_at_p90": _usd(item.at_p90_usd),
            }
            for item in decision.swings
        ],
        "assumptions": [
            {
                "name": item.name,
                "value": _figures(item.value),
                "source": item.source,
                "as_of": None if item.as_of == date.min else item.as_of.isoformat(),
                "overridden": item.overridden,
            }
            for item in assumed(decision)
        ],
        "profile": decision.question.assumed.profile,
        "use_case": decision.question.assumed.use_case,
        "declared": [constraint.key for constraint in decision.question.constraints()],
        "horizon": None if decision.horizon is None else _horizon_shape(decision.horizon),
        "seed": decision.question.seed,
        "worlds": decision.question.worlds,
    }


def _in_trace(decided: Decided, name: str) -> dict[str, Any]:
    usd = decided.usd_in_trace.get(name)
    return {} if usd is None else {"usd_in_trace": exact(usd)}


def _fleet_shape(own: OwnedMonth) -> dict[str, Any]:
    owned = own.owned
    return {
        "model": owned.model,
        "precision": owned.precision,
        "gpu": owned.gpu,
        "gpus_per_replica": owned.gpus,
        "tenancy": owned.tenancy,
        "usd_per_month": _money(own.usd_per_month),
        "gpus": _whole(own.gpus),
        "replicas": _whole(own.replicas),
        "asked_again_usd_per_month": _usd(own.asked_again_usd),
        "requests_per_second_of_one_replica": _figures(owned.goodput_rps),
        "gpu_usd_per_hour": _figures(owned.gpu_usd_per_hour),
        "notes": list(owned.notes),
    }


def _simulated(decided: Decided, own: OwnedMonth) -> dict[str, Any]:
    """With a trace: what this fleet, and one replica less, did with its arrivals; seconds."""
    way = next((way for way in decided.fleets if way.owned == own.owned and way.enough is not None), None)
    if way is None or way.enough is None:
        return {"simulated": None}
    return {
        "simulated": {
            "enough": asdict(way.enough),
            "one_less": None if way.one_less is None else asdict(way.one_less),
        }
    }


def _alternatives(decision: Decision) -> list[dict[str, Any]]:
    fleets: list[dict[str, Any]] = [{"kind": "fleet"} | _fleet_shape(own) for own in decision.other_fleets]
    if decision.mix_usd_per_month is not None:
        fleets.append({"kind": "hybrid", "usd_per_month": _money(decision.mix_usd_per_month)})
    fleets += [
        {"kind": each.kind, "name": each.name, "usd_per_month": _money(each.usd_per_month), "says": each.says}
        for each in decision.other_ways
    ]
    return fleets


def _traffic_shape(decision: Decision) -> dict[str, Any]:
    traffic = decision.question.traffic
    return {
        "requests_per_month": exact(traffic.requests_per_month),
        "input_tokens": exact(traffic.input_tokens),
        "cached_tokens": exact(traffic.cached_tokens),
        "output_tokens": exact(traffic.output_tokens),
        "peak_to_mean": traffic.peak_to_mean,
        "may_not_leave_share": traffic.may_not_leave_share,
    }


def _window_shape(window: Window) -> dict[str, Any]:
    return {
        "source": window.source,
        "requests": window.requests,
        "days": window.days,
        "usd": None if window.usd is None else exact(window.usd),
        "simulated": window.simulated,
        "repeated": window.repeated,
    }


def _horizon_shape(horizon: Horizon) -> dict[str, Any]:
    saved = horizon.savings_usd
    return {
        "months": horizon.months,
        "savings_usd": {"p10": _usd(saved.p10), "p50": _usd(saved.p50), "p90": _usd(saved.p90)},
        "pays_back_probability": horizon.pays_back,
        "payback_month": _figures(horizon.payback_month),
    }


def _figures(value: Spread | None) -> dict[str, float] | None:
    return None if value is None else {"p10": value.p10, "p50": value.p50, "p90": value.p90}


def _whole(value: Spread) -> dict[str, int]:
    return {"p10": round(value.p10), "p50": round(value.p50), "p90": round(value.p90)}


def _money(value: Spread) -> dict[str, str]:
    return {"p10": _usd(value.p10), "p50": _usd(value.p50), "p90": _usd(value.p90)}


def _usd(value: float) -> str:
    """An estimate to the cent; more digits would say more than is known."""
    return f"{Decimal(value):.2f}"
