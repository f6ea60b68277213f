from __future__ import annotations

import pytest
from tests.console.asking import Site, site

from freehold.console import serves
from freehold.console.visitor import host_of, is_loopback


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return site(tmp_path_factory.mktemp("door"))


@pytest.mark.parametrize("host", ["localhost:8400", "127.0.0.1", "[::1]:8400", "LOCALHOST", "127.0.0.1:9999"])
def test_the_names_of_this_machine_are_answered_to(here: Site, host: str) -> None:
    assert here.get("/", headers={"host": host}).status == 200


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
    "path",
    [
        "/",
        "/requests",
        "/requests/req_1",
        "/requests.csv",
        "/playground",
        "/rent-or-own",
        "/assets/x",
        "/login",
        "/logout",
    ],
)
def test_the_console_knows_its_paths_without_being_loaded(path: str) -> None:
    assert serves(path)


@pytest.mark.parametrize("path", ["/v1/files", "/chat/completions", "/requestsx", "//", "/favicon.ico"])
def test_other_paths_are_not_its_own(path: str) -> None:
    assert not serves(path)
