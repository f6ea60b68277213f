"""Azure OpenAI: its paths, its two ways in, and its errors as OpenAI's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from tests.gateway import upstream as up
from tests.gateway.house import gateway
from tests.waiting import HANGS_SECONDS


@pytest.fixture(autouse=True)
def _key(tmp_path: Path) -> None:
    (tmp_path / "azure.key").write_text("azure-key-or-client-secret\n")


def azure(url: str, more: str = "") -> str:
    return f"""
[models.gpt]
tenure = "rented"
provider = "azure"
url = "{url.removesuffix("/v1")}"
model = "our deployment"
key_file = "azure.key"
retries = 0
{more}
[routes.support]
rent = "gpt"
"""


def entra(url: str) -> str:
    return f"""
entra_tenant_id = "tenant-1"
entra_client_id = "client-1"
entra_authority = "{url.removesuffix("/v1")}"
"""


async def test_a_deployment_is_asked_by_its_path_with_the_key(tmp_path: Path) -> None:
    async with up.upstream(up.says()) as server:
        async with gateway(tmp_path, azure(server.url, 'api_version = "2025-01-01-preview"')) as house:
            answer = await house.chat()
    head = server.requests[0].head
    assert answer.status == 200
    assert head.startswith(
        "POST /openai/deployments/our%20deployment/chat/completions?api-version=2025-01-01-preview HTTP/1.1"
    )
    assert "api-key: azure-key-or-client-secret" in head
    assert "authorization" not in head.lower()


async def test_a_content_filter_error_passes_as_openais(tmp_path: Path) -> None:
    error = {
        "message": "The response was filtered",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
        "innererror": {"code": "ResponsibleAIPolicyViolation"},
    }
    async with up.upstream(up.says({"error": error}, "400 Bad Request")) as server:
        async with gateway(tmp_path, azure(server.url)) as house:
            answer = await house.chat()
    assert answer.status == 400
    assert answer.error["code"] == "content_filter"
    assert answer.error["type"] == "invalid_request_error"
    assert answer.error["innererror"]["code"] == "ResponsibleAIPolicyViolation"


async def test_a_stream_that_opens_with_filter_results_is_read_to_its_usage(tmp_path: Path) -> None:
    first = up.chunk(model="", choices=[], prompt_filter_results=[{"prompt_index": 0}])
    async with up.upstream(up.streams(first, *up.WHOLE)) as server:
        async with gateway(tmp_path, azure(server.url)) as house:
            answer = await house.chat(stream=True)
            record = await house.record(answer)
    assert answer.body.startswith(first)
    assert record.upstream_model == "upstream-model-2024"
    assert record.usage is not None


async def test_a_token_is_fetched_renewed_and_sent_in_place_of_the_key(tmp_path: Path) -> None:
    issued: list[str] = []

    async def login(exchange: up.Exchange) -> None:
        issued.append(f"token-{len(issued) + 1}")
        lasts = 2 if len(issued) == 1 else 3600
        answer = {"token_type": "Bearer", "expires_in": lasts, "access_token": issued[-1]}
        await up.says(answer)(exchange)

    async with up.upstream(login) as authority, up.upstream(up.says()) as server:
        async with gateway(tmp_path, azure(server.url, entra(authority.url))) as house:
            assert (await house.chat()).status == 200
            async with asyncio.timeout(HANGS_SECONDS):
                while "Bearer token-2" not in server.requests[-1].head:  # the gateway's own clock renews
                    await asyncio.sleep(0.05)
                    assert (await house.chat()).status == 200
    assert "authorization: Bearer token-1" in server.requests[0].head
    assert "authorization: Bearer token-2" in server.requests[-1].head
    assert len(issued) == 2
    assert all("client-secret" not in request.head for request in server.requests)
    form = parse_qs(authority.requests[0].body.decode())
    assert form["client_id"] == ["client-1"]
    assert form["client_secret"] == ["azure-key-or-client-secret"]
    assert authority.requests[0].head.startswith("POST /tenant-1/oauth2/v2.0/token ")


async def test_without_a_token_the_model_is_down_and_says_why_without_the_secret(tmp_path: Path) -> None:
    refused = up.says({"error": "invalid_client", "error_description": "AADSTS7000215"}, "401 Unauthorized")
    async with up.upstream(refused) as authority, up.upstream(up.says()) as server:
        async with gateway(tmp_path, azure(server.url, entra(authority.url))) as house:
            answer = await house.chat()
    assert answer.status == 503
    assert "invalid_client" in answer.error["message"]
    assert b"azure-key-or-client-secret" not in answer.body
    assert not server.requests
