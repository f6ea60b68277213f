from __future__ import annotations

import pytest
from tests.console.asking import Site, site

from freehold.console import serves
from freehold.console.door import host_of, is_loopback


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site(tmp_path_factory.mktemp("door"))


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("127.8.8.8", 1), ("::1", 1), ("::ffff:127.0.0.1", 1)])
def test_this_machine_may_look(here: Site, client: tuple[str, int]) -> None:
    assert here.get("/", client=client).status == 200


@pytest.mark.parametrize(
    "client", [("10.0.0.7", 1), ("::ffff:10.0.0.7", 1), ("2001:db8::1", 1), ("x", 1), None]
)
@pytest.mark.parametrize("path", ["/", "/requests", "/requests.csv", "/assets/console.css", "/no-page"])
def test_another_machine_is_told_why_it_may_not(
    here: Site, client: tuple[str, int] | None, path: str
) -> None:
    answer = here.get(path, client=client)
    assert answer.status == 403
    assert "open to this machine alone" in answer.text
    assert "ssh -L" in answer.text


def test_an_address_of_this_machine_is_this_machine(here: Site) -> None:
    for client, status in (("192.0.2.7", 200), ("192.0.2.8", 403)):
        assert here.get("/", client=(client, 1), server=("192.0.2.7", 8400)).status == status


@pytest.mark.parametrize("name", ["forwarded", "x-forwarded-for", "x-real-ip", "x-forwarded-host"])
def test_what_a_proxy_forwards_is_not_from_this_machine(here: Site, name: str) -> None:
    answer = here.get("/", headers={name: "10.0.0.7"})
    assert answer.status == 403
    assert "a proxy forwarded" in answer.text


@pytest.mark.parametrize("host", ["localhost:8400", "127.0.0.1", "[::1]:8400", "LOCALHOST", "127.0.0.1:9999"])
def test_the_names_of_this_machine_are_answered_to(here: Site, host: str) -> None:
    assert here.get("/", headers={"host": host}).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8400", "", "[::2]"]
)
def test_a_name_that_was_bound_to_this_machine_from_outside_is_not(here: Site, host: str) -> None:
    answer = here.get("/requests.csv", headers={"host": host})
    assert answer.status == 403
    assert "does not answer to the name" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/requests", "/requests.csv", "/assets/live.js", "/nothing", "/requests/req_x"]
)
@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("10.0.0.7", 1)])
def test_every_answer_tells_the_browser_to_stay_here(here: Site, path: str, client: tuple[str, int]) -> None:
    headers = here.get(path, client=client).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_the_pages_only_show(here: Site, method: str) -> None:
    assert here.get("/", method=method).status == 405


def test_a_path_out_of_the_assets_leads_nowhere(here: Site) -> None:
    for path in ("/assets/../door.py", "/assets/%2e%2e/door.py", "/assets/", "/assets/door.py"):
        assert here.get(path).status == 404


def test_an_asset_that_the_browser_has_is_not_sent_again(here: Site) -> None:
    first = here.get("/assets/console.css")
    again = here.get("/assets/console.css", headers={"if-none-match": first.headers["etag"]})
    assert (first.status, again.status, again.text) == (200, 304, "")


def test_hosts_and_addresses_are_read_as_they_are_written() -> None:
    assert host_of("[::1]:8400") == "::1"
    assert host_of("Example.ORG:80") == "example.org"
    assert is_loopback("127.0.0.1")
    assert not is_loopback("not an address")


@pytest.mark.parametrize(
    "path", ["/", "/requests", "/requests/req_1", "/requests.csv", "/playground", "/assets/x"]
)
def test_the_console_knows_its_paths_without_being_loaded(path: str) -> None:
    assert serves(path)


@pytest.mark.parametrize("path", ["/v1/files", "/chat/completions", "/requestsx", "//", "/favicon.ico"])
def test_other_paths_are_not_its_own(path: str) -> None:
    assert not serves(path)
