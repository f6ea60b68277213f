"""The path of one request: from the client's bytes to the last chunk, and one record.

Everything else in this room serves these lines.
"""

from __future__ import annotations

import asyncio
import logging
import time

import msgspec

from freehold.errors import FreeholdError, Refused, UpstreamError
from freehold.gateway.attempt import Reply, first_good
from freehold.gateway.call import Call, ClientGone, Headers
from freehold.gateway.deployment import Deployment
from freehold.gateway.draft import Draft
from freehold.gateway.house import House, Plan, parse_home, parse_label
from freehold.gateway.plan import Question, make_plan, plan_in_patience
from freehold.gateway.reason import plain, reason_for
from freehold.gateway.redaction import redact
from freehold.gateway.relay import StreamBroken, relay, server_stopped
from freehold.gateway.terms import admit
from freehold.gateway.voices import VOICES, Listen
from freehold.ledger import LedgerError
from freehold.wire import Ask

log = logging.getLogger("freehold")

_CLIENT_CLOSED_REQUEST = 499  # nginx's number for a client that left; OpenAI has none


async def answer(call: Call, listen: Listen, house: House, draft: Draft) -> None:
    """Who asks, what, how private it is, who may answer, the answer, the record. In this order."""
    key = house.keys.identify(call.headers.get(b"authorization"))
    draft.key = None if key is None else key.id
    if key is None:
        call.refuse_foreign_page()
    body = await call.body(house.max_body_bytes)
    call.exchange.ends_with_client = True  # from here on its leaving cancels what is done for it
    voice = listen(body, call.id, call.at)
    route = house.moderator(key) if voice.model is None else house.find(voice.model, key)
    draft.route = None if route.is_model else route.name
    ask = voice.asked or await voice.ask(house, route, key)
    label_said, home_said = call.headers.get(b"x-freehold-label"), call.headers.get(b"x-freehold-home")
    floor = route.label if label_said is None else parse_label(label_said, route.label)
    floor = max(floor, voice.inherited)
    subject = _subject(ask)
    if subject is not None:
        draft.subject = house.ledger.pseudonym(subject)
    draft.conversation = voice.conversation
    draft.stream = ask.stream
    draft.prompt = body if route.store and voice.keeps else None
    admit(house, key, route, ask, draft)
    seen = house.unlooked(route, floor) or await house.look(route, ask, floor)
    draft.saw(seen)
    home = None if home_said is None else parse_home(home_said)
    sticky = subject or draft.key or draft.request_id
    deadline = time.monotonic() + route.deadline_seconds
    question = Question(house, route, ask, seen, home, sticky, deadline, draft)
    if route.private == "redact":
        question.redacted = await redact(house, route, ask, seen, floor, draft)
    try:
        plan = make_plan(question)
    except Refused as refusal:
        plan = await plan_in_patience(question, refusal)
    try:
        reply = await first_good(question, plan.choice)
    except UpstreamError:
        draft.reason = reason_for(route, plan.choice, None, draft.failures)
        raise
    await relay(reply, call, draft, voice, _name_who_answers(reply, question, plan))


def _subject(ask: Ask) -> str | None:
    """Whom the request is about, in the application's words. A split keeps them on one model."""
    for name in ("safety_identifier", "user"):
        if name in ask.fields:
            value = ask.value(name)
            if isinstance(value, str):
                return value
    return None


def _name_who_answers(reply: Reply, question: Question, plan: Plan) -> Headers:
    """Who answered and why, in the draft and as headers. A plan that went well says the same each time."""
    draft, model = question.draft, reply.attempt.deployment
    draft.answered_by = model
    draft.upstream_model = reply.upstream_model
    if draft.attempts or reply.removed:  # others failed before, or were too dear
        choice = plan.choice
        plan = Plan(msgspec.structs.replace(choice, removed=choice.removed + reply.removed))
    if plan.reason is None:
        hidden = () if question.for_whom(model) is None else question.seen.types
        plan.reason = reason_for(question.route, plan.choice, model, draft.failures, hidden)
        plan.headers = _headers(model, plan.reason)
    draft.reason = plan.reason
    return plan.headers if draft.admission is None else (*plan.headers, *_rates(draft))


def _headers(model: Deployment, reason: str) -> Headers:
    headers = (
        (b"x-freehold-model", model.name.encode()),
        (b"x-freehold-tenure", model.tenure.encode()),
        (b"x-freehold-reason", reason.encode()),
    )
    return (*headers, (b"x-freehold-simulated", b"true")) if model.provider.simulated else headers


def _rates(draft: Draft) -> list[tuple[bytes, bytes]]:
    """Where the client stands with its rate limits, if it has any."""
    return [] if draft.admission is None else draft.admission.headers(time.monotonic())


async def handle(call: Call, endpoint: str, house: House) -> None:
    """Answer one call, whatever happens, and leave one record of it."""
    draft = Draft(house.ledger, call.id, endpoint, call.at, call.started, house.observers)
    if house.tracing is not None:
        draft.trace = house.tracing.begin(call.headers.get(b"traceparent"), call.headers.get(b"tracestate"))
    try:
        await answer(call, VOICES[endpoint], house, draft)
    except ClientGone:
        await draft.seal(_CLIENT_CLOSED_REQUEST, error="the client left")
    except asyncio.CancelledError:
        if not call.client_left:
            await _fail(call, draft, server_stopped())
            raise
        await draft.seal(_CLIENT_CLOSED_REQUEST, error="the client left")
    except FreeholdError as error:
        await _fail(call, draft, error)
    except StreamBroken:
        return  # unfinished on purpose: the server cuts the connection
    except Exception:
        # The last resort: a fault of ours reaches the log, the record and the client, as an error object.
        log.exception("%s failed by a fault of our own", call.id)
        await _fail(call, draft, FreeholdError("The server had an error while processing your request."))
    finally:
        if not draft.sealed:
            draft.settle()


async def _fail(call: Call, draft: Draft, error: FreeholdError) -> None:
    """Tell the client, after the record; without a ledger that can be written nothing is acknowledged."""
    if not isinstance(error, LedgerError):
        draft.reason = draft.reason or (error.said if isinstance(error, UpstreamError) else error.message)
        draft.code = getattr(error, "code", None)
        try:
            await draft.seal(getattr(error, "status", 500), error=error.message)
        except LedgerError as unwritten:
            error = unwritten
    if isinstance(error, LedgerError):
        error = Refused(
            503,
            f"This request cannot be accounted for, so it is not answered: {error.message}",
            type_="server_error",
            code="ledger_unavailable",
        )
    if call.started_answer:
        raise StreamBroken from error
    reason = plain(draft.reason).encode()
    reasons = [(b"x-freehold-reason", reason)] if reason else []
    await call.fail(error, reasons + _rates(draft))
