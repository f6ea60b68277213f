"""What left is written down: destination, label, clearance, region and the digest of the very bytes."""

from __future__ import annotations

import asyncio
from hashlib import sha256
from pathlib import Path

from tests.gateway import upstream as up
from tests.gateway.house import gateway


def _config(url: str, second: str) -> str:
    return f"""
[models.gpt]
tenure = "rented"
provider = "compatible"
url = "{url}"
model = "gpt-4o-mini"
region = "eu"
retries = 1
input_usd_per_million = 1
output_usd_per_million = 10

[models.other]
tenure = "rented"
provider = "compatible"
url = "{second}"
model = "other-model"
clearance = "personal"
retries = 0
input_usd_per_million = 1
output_usd_per_million = 10

[routes.support]
rent = ["gpt", "other"]
"""


async def test_every_attempt_names_its_permit_and_the_digest_of_what_the_upstream_received(
    tmp_path: Path,
) -> None:
    broken = up.fails("500 Internal Server Error")
    async with up.upstream(broken) as first, up.upstream(up.says()) as second:
        async with gateway(tmp_path, _config(first.url, second.url)) as house:
            answer = await house.chat(content="where is my order?")
            record = await house.record(answer)
    received = [*first.requests, *second.requests]
    assert len(received) == 3  # tried, retried, fallen back
    sent = [attempt.sent for attempt in record.attempts]
    assert [s and s.digest for s in sent] == [sha256(r.body).hexdigest() for r in received]
    assert [s and (s.label, s.clearance, s.region, s.policy) for s in sent] == [
        ("internal", "internal", "eu", "home"),
        ("internal", "internal", "eu", "home"),
        ("internal", "personal", None, "home"),
    ]
    ports = [url.rsplit(":", 1)[1].removesuffix("/v1") for url in (first.url, first.url, second.url)]
    assert [s and s.destination for s in sent] == [f"http://127.0.0.1:{port}" for port in ports]


async def test_a_stream_is_written_down_like_a_plain_request(tmp_path: Path) -> None:
    async with up.upstream(up.streams(*up.WHOLE)) as server:
        async with gateway(tmp_path, _config(server.url, server.url)) as house:
            answers = await asyncio.gather(*(house.chat(content=f"n{n}", stream=True) for n in range(3)))
            records = [await house.record(answer) for answer in answers]
    received = sorted(sha256(request.body).hexdigest() for request in server.requests)
    assert sorted(str(r.attempts[0].sent and r.attempts[0].sent.digest) for r in records) == received
