"""A head is checked before it is bytes, once for each template."""

from __future__ import annotations

import pytest

from freehold.egress import Origin, Request, Template, Timeouts
from freehold.egress.request import finish_head

HOST = Origin("https", "api.example", 443)


def test_a_template_says_the_same_as_the_request_it_stands_for() -> None:
    headers = ((b"authorization", b"Bearer k"), (b"content-type", b"application/json"))
    template = Template.build(HOST, "POST", "/v1/chat/completions", headers)
    plain = Request(HOST, "POST", "/v1/chat/completions", headers, b"{}")
    assert finish_head(template.request(b"{}")) == finish_head(plain)
    assert template.request().timeouts == Timeouts()


def test_a_template_takes_headers_of_one_request_too() -> None:
    template = Template.build(HOST, "POST", "/v1", ((b"a", b"1"),))
    assert finish_head(template.request(b"xyz", ((b"b", b"2"),))) == (
        b"POST /v1 HTTP/1.1\r\nhost: api.example\r\naccept-encoding: identity\r\n"
        b"a: 1\r\nb: 2\r\ncontent-length: 3\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("method", "has_length"), [("GET", False), ("HEAD", False), ("POST", True), ("PUT", True)]
)
def test_a_method_that_may_have_a_body_says_its_length(method: str, has_length: bool) -> None:  # noqa: FBT001  # the case
    assert (b"content-length: 0" in finish_head(Request(HOST, method, "/", (), b""))) is has_length


@pytest.mark.parametrize(
    "headers",
    [
        *[((b"x", b"a\r\nevil: 1"),), ((b"x", b"a\nb"),), ((b"x", b"a\x00"),), ((b"x: y\r\nz", b"a"),)],
        *[((b"", b"a"),), ((b"x y", b"a"),), ((b"x\n", b"a"),), ((b"Host", b"evil"),)],
        *[((b"Content-Length", b"1"),), ((b"transfer-encoding", b"chunked"),), ((b"Connection", b"close"),)],
    ],
)
def test_a_header_that_would_change_the_message_is_refused(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    with pytest.raises(ValueError, match=r"header|control|itself"):
        finish_head(Request(HOST, "POST", "/", headers, b""))
    with pytest.raises(ValueError, match=r"header|control|itself"):
        Template.build(HOST, "POST", "/").request(b"", headers)


def test_a_refused_header_never_shows_its_value() -> None:
    with pytest.raises(ValueError, match="authorization") as caught:
        Template.build(HOST, "POST", "/", ((b"authorization", b"Bearer sk-secret\n"),))
    assert "sk-secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["", "v1", "/a b", "/a\r\nx", "/ä", "http://evil/"])
def test_a_path_that_would_change_the_message_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        Template.build(HOST, "GET", path)


@pytest.mark.parametrize("method", ["", "GET /", "G\r\n"])
def test_a_method_that_would_change_the_message_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="method"):
        Template.build(HOST, method, "/")
