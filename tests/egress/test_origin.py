"""One spelling for each destination."""

from __future__ import annotations

import pytest

from freehold.egress import Origin


@pytest.mark.parametrize(
    ("url", "text", "authority", "prefix"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com:443", "api.openai.com", "/v1"),
        ("https://API.OpenAI.com:443/v1/", "https://api.openai.com:443", "api.openai.com", "/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1:8000", ""),
        ("http://localhost:80/", "http://localhost:80", "localhost", ""),
        ("http://[::1]:8080/a/b", "http://[::1]:8080", "[::1]:8080", "/a/b"),
        (" https://bücher.example/v1 ", "https://xn--bcher-kva.example:443", "xn--bcher-kva.example", "/v1"),
    ],
)
def test_an_address_is_an_origin_and_a_prefix(url: str, text: str, authority: str, prefix: str) -> None:
    origin, path = Origin.parse(url)
    assert (origin.text, origin.authority, path) == (text, authority, prefix)


@pytest.mark.parametrize(
    "url",
    [
        *("", "api.openai.com/v1", "ftp://host/", "file:///etc/passwd", "https://", "https:///v1"),
        *("http://host:0/", "http://host:65536/", "http://host:abc/", "http://user:key@host/v1"),
        *("https://host/v1?key=secret", "https://host/v1#x", "http://ho st/", "http://host\r\nx: y/"),
    ],
)
def test_what_is_not_an_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|port|host|query") as caught:
        Origin.parse(url)
    assert "user:key" not in str(caught.value)


def test_equal_origins_are_one() -> None:
    assert Origin.parse("https://a.example/v1")[0] == Origin("https", "a.example", 443)
    assert Origin("https", "a.example", 443) != Origin("http", "a.example", 443)
