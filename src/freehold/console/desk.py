"""What every page has at hand: the view, the ledger, and the templates. Knows no page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from freehold.console import figures
from freehold.console.reading import Reading
from freehold.console.session import Sessions
from freehold.console.view import ConsoleView
from freehold.console.visitor import visitor_of

ZONE = "UTC"

_FILTERS = (
    figures.duration,
    figures.exact,
    figures.iso,
    figures.moment,
    figures.money,
    figures.short_moment,
    figures.sum_of_money,
    figures.tokens,
    figures.counted,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """Made once for a running gateway."""

    view: ConsoleView
    reading: Reading
    templates: Environment
    sessions: Sessions

    @classmethod
    def furnish(cls, view: ConsoleView) -> Desk:
        return cls(view, Reading(view.ledger_path), _environment(), Sessions())

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page. Kept by nobody: it is of this moment."""
        settings = self.view.settings()
        visitor = visitor_of(request)
        session = visitor.session
        text = self.templates.get_template(template).render(
            path=request.url.path,
            visitor=visitor,
            leave_token=None if session is None else self.sessions.token(session.nonce),
            now=datetime.now(UTC),
            zone=ZONE,
            version=self.view.version,
            url=self.view.url,
            config_path=settings.path.absolute(),
            ledger_path=self.view.ledger_path,
            on_this_machine={name for name, model in settings.models.items() if model.embedded},
            **values,
        )
        return HTMLResponse(text, status, headers={"cache-control": "no-store"})

    def problem(self, request: Request, status: int, said: str, hint: str | None) -> Response:
        return self.show(request, "problem.html", status, said=said, hint=hint, title=str(status))


def kept(fields: dict[str, str | None]) -> dict[str, str]:
    """The fields of a URL's query that say something."""
    return {name: word for name, word in fields.items() if word}


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("freehold.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {function.__name__: function for function in _FILTERS}
    made.filters["kept"] = kept
    _compile(made, made.list_templates())
    return made


def _compile(templates: Environment, names: Iterable[str]) -> None:
    """All of them now, in the thread that loads the console, so that no page waits for it."""
    for name in names:
        templates.get_template(name)
