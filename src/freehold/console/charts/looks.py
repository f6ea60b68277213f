"""How charts look, as CSS by class: colour and line style mean tenure, everything else is ink on paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Colours:
    """CSS colours: names, hex, or variables of a page that has a light and a dark side."""

    ink: str
    soft: str
    rule: str
    own: str
    rent: str


PAPER = Colours(ink="#1e1c19", soft="#5f5a51", rule="#ddd7ca", own="#0c665f", rent="#a1441a")


def chart_style(colours: Colours, font: str) -> str:
    """Rules for everything that a drawing has."""
    tenures = (("own", colours.own), ("rent", colours.rent), ("ink", colours.ink))
    return "".join(
        (
            f"svg text{{font:12px {font};fill:{colours.ink}}}",
            f"svg text.faint,svg text.tick{{fill:{colours.soft};font-size:11px}}",
            f"svg .grid{{stroke:{colours.rule};stroke-width:1}}",
            f"svg .mark,svg .turn{{stroke:{colours.ink};stroke-width:1}}svg .mark{{stroke-dasharray:2 3}}",
            f"svg .span{{fill:{colours.ink};fill-opacity:0.06}}",
            *(_tenure(name, colour) for name, colour in tenures),
            "svg polyline.rent{stroke-dasharray:7 4}svg polyline.thin{stroke-width:1}",
        )
    )


def _tenure(name: str, colour: str) -> str:
    return (
        f"svg polyline.{name}{{fill:none;stroke:{colour};stroke-width:2.2}}"
        f"svg text.{name}{{fill:{colour};font-weight:bold}}svg circle.{name}{{fill:{colour}}}"
        f"svg .band.{name}{{fill:{colour};fill-opacity:0.16}}"
        f"svg .bar.{name}{{fill:{colour};fill-opacity:0.45}}"
    )
