"""The report as a document: the sentence, what went where, and the register of processing of GDPR Art. 30.

Art. 30 (1) asks for (a) the controller, (b) purposes, (c) categories of data and persons, (d) recipients,
(e) transfers to third countries, (f) time limits, (g) security measures. What nobody wrote into the config is
said to be missing, never made up. Does not count anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from freehold.cli.audit_screen import added_up
from freehold.cli.recipients import MISSING, contract, names, simulated_models, stands
from freehold.config import Settings
from freehold.ledger import Outgoing

_CATEGORIES = (
    "Prompts and answers of the applications' users, by the label of each request: public, internal,"
    " personal, secret. A user is written down as a pseudonym alone."
)
_MEASURES = (
    "One door: bytes leave through a single place that compares the label with the destination's clearance.",
    "A Merkle log (RFC 6962) of every request and everything sent, with signed checkpoints.",
    "Stored content is encrypted per subject (AES-256-GCM); an erasure destroys the keys.",
    "API keys are kept as hashes; files are readable by their owner alone.",
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading, sentences, and a table under them."""

    title: str
    sentences: Sequence[str]
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def register_markdown(
    settings: Settings, counted: Outgoing, sentence: str, span: Mapping[str, str | None]
) -> str:
    blocks = ["# What left the house\n"]
    for part in _parts(settings, counted, sentence, span):
        if part.title:
            blocks.append(f"## {part.title}\n")
        blocks += [f"{said}\n" for said in part.sentences]
        if part.rows:
            head = f"| {' | '.join(part.columns)} |\n|{'---|' * len(part.columns)}"
            rows = "\n".join(f"| {' | '.join(_cell(cell) for cell in row)} |" for row in part.rows)
            blocks.append(f"{head}\n{rows}\n")
    return "\n".join(blocks)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def register_html(
    settings: Settings, counted: Outgoing, sentence: str, span: Mapping[str, str | None]
) -> str:
    body = ["<h1>What left the house</h1>"]
    for part in _parts(settings, counted, sentence, span):
        if part.title:
            body.append(f"<h2>{escape(part.title)}</h2>")
        body += [f"<p>{escape(said)}</p>" for said in part.sentences]
        if part.rows:
            head = "".join(f"<th scope=col>{escape(name)}</th>" for name in part.columns)
            rows = "".join(
                f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in part.rows
            )
            body.append(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    return (
        "<!doctype html>\n<html lang=en><meta charset=utf-8><title>What left the house</title>"
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3rem .6rem;text-align:left}"
        "</style>\n" + "\n".join(body) + "\n</html>\n"
    )


def _parts(
    settings: Settings, counted: Outgoing, sentence: str, span: Mapping[str, str | None]
) -> list[_Part]:
    when = f"From {span['since'] or 'the beginning'} until {span['until'] or 'now'}."
    return [
        _Part("", (sentence, when)),
        _sent(counted, settings),
        _Part("Register of processing (GDPR Art. 30)", ("Of the requests that this Freehold takes.",)),
        _Part("(a) Controller", (settings.audit.controller or f"{MISSING}: [audit] controller",)),
        _purposes(settings, counted),
        _Part(
            "(c) Categories of data and of persons",
            (_CATEGORIES,),
        ),
        _recipients(settings),
        _Part("(e) Transfers", _transfers(settings)),
        _Part("(f) Time limits", _limits(settings)),
        _Part("(g) Security measures", _MEASURES),
    ]


def _sent(counted: Outgoing, settings: Settings) -> _Part:
    simulated = simulated_models(settings)
    return _Part(
        "By destination and region",
        ("Counted from the log.", added_up(counted))
        if counted.destinations
        else ("Nothing was sent anywhere.",),
        ("Destination", "Region", "Models", "Cleared for", "Sent", "Personal or above", "Above clearance"),
        [
            (
                there.destination,
                stands(there, settings),
                names(there.models, simulated),
                ", ".join(there.clearances),
                str(there.attempts),
                str(there.personal),
                str(there.above_clearance),
            )
            for there in counted.destinations
        ],
    )


def _purposes(settings: Settings, counted: Outgoing) -> _Part:
    by_route = {count.route: count for count in counted.routes}
    routes = [*settings.routes, *(name for name in by_route if name not in settings.routes)]
    rows = []
    for name in routes:
        count = by_route.get(name)
        labels = {} if count is None else count.labels
        rows.append(
            (
                "a model by its own name, or nothing that is known" if name is None else name,
                str(0 if count is None else count.requests),
                ", ".join(f"{word}: {number}" for word, number in labels.items()) or "none",
                "yes"
                if name is not None and name in settings.routes and settings.routes[name].store
                else "no",
            )
        )
    return _Part(
        "(b) Purposes",
        ("Each route is one use case.",),
        ("Route", "Requests", "By label", "Content is stored"),
        rows,
    )


def _recipients(settings: Settings) -> _Part:
    simulated = simulated_models(settings)
    return _Part(
        "(d) Recipients",
        ("Models that somebody else runs, as the config names them, and what their contracts say.",),
        (
            *("Model", "Provider", "Address", "Region", "Cleared for"),
            *("Trains on data", "Keeps data for", "Certifications"),
        ),
        [
            (
                names((name,), simulated),
                model.provider,
                model.url or MISSING,
                model.region or MISSING,
                model.clearance,
                *contract(model),
            )
            for name, model in settings.models.items()
            if model.tenure == "rented"
        ],
    )


def _transfers(settings: Settings) -> tuple[str, ...]:
    rented = {name: model for name, model in settings.models.items() if model.tenure == "rented"}
    regions = sorted({model.region for model in rented.values() if model.region is not None})
    unknown = sorted(name for name, model in rented.items() if model.region is None)
    said = [
        f"Rented models stand in: {', '.join(regions)}." if regions else "No rented model names its region."
    ]
    if unknown:
        said.append(f"Where these stand is {MISSING} ([models.X] region): {', '.join(unknown)}.")
    return tuple(said)


def _limits(settings: Settings) -> tuple[str, ...]:
    stores = sorted(name for name, route in settings.routes.items() if route.store)
    kept = f"Content is stored for the routes {', '.join(stores)}." if stores else "No content is stored."
    days = settings.ledger.keep_days
    removed = "Records are kept for good." if days is None else f"Records and content go after {days:,} days."
    return (kept, removed, "`freehold erase` destroys what concerns a subject, a conversation or a request.")
