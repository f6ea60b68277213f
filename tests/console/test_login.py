"""The page asks for an admin key, unless the client is on loopback."""

from __future__ import annotations

import re
from html import unescape
from itertools import count
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.console.asking import Answer, Site, site

from freehold.access import create_key
from freehold.console.guesses import Guesses
from freehold.console.session import LASTS_SECONDS, Sessions

NUMBERS = count(1)
AWAY = ("10.0.0.7", 50_000)
PAGES = [
    *("/", "/requests", "/requests.csv", "/requests/req_1", "/playground", "/assets/live.js", "/no-page"),
    *("/privacy", "/privacy/flow.csv", "/privacy/sent.csv", "/privacy/found.csv", "/privacy/try"),
]
HTML = {"accept": "text/html", "host": "freehold.example"}


class Browser:
    """Keeps cookies as a browser does, on another machine unless said otherwise."""

    def __init__(self, site: Site, *, scheme: str = "http", client: tuple[str, int] = AWAY) -> None:
        self.site, self.scheme, self.client = site, scheme, client
        self.cookies: dict[str, str] = {}
        self.set_cookie: list[str] = []

    def go(self, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        said = HTML | {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            said["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        more: dict[str, Any] = {} if form is None else {"method": "POST", "body": urlencode(form).encode()}
        answer = self.site.get(path, headers=said, client=self.client, scheme=self.scheme, **more)
        self.set_cookie = answer.cookies
        for cookie in answer.cookies:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0].strip('"')
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return answer

    def form(self, path: str = "/login") -> dict[str, str]:
        """The hidden fields of the page's form."""
        fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.go(path).text)
        return {name: unescape(value) for name, value in fields}

    def log_in(self, secret: str, path: str = "/login") -> Answer:
        return self.go("/login", {**self.form(path), "key": secret})

    @property
    def session(self) -> str | None:
        return next((c for c in self.set_cookie if "freehold=" in c), None)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One console for all: whoever guesses does so from an address of their own."""
    return site(tmp_path_factory.mktemp("login"))


@pytest.fixture
def admin(shop: Site) -> str:
    return create_key(shop.ledger, admin=True, who="test")[1]


@pytest.fixture
def away(shop: Site) -> Browser:
    return Browser(shop, client=(f"192.0.2.{next(NUMBERS)}", 1))


@pytest.mark.parametrize("path", PAGES)
def test_another_machine_sees_no_page_and_a_browser_is_led_to_the_login(away: Browser, path: str) -> None:
    answer = away.go(path)
    assert (answer.status, answer.text) == (303, "")
    assert answer.headers["location"] == f"/login?next={path}"
    program = away.go(path, accept="*/*")
    assert program.status == 401
    assert "keys create --admin" in program.text
    assert program.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nor_does_any_other_method_lead_in(shop: Site, method: str) -> None:
    assert shop.get("/", headers=HTML, client=AWAY, method=method).status == 401


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("127.8.8.8", 1), ("::1", 1), ("::ffff:127.0.0.1", 1)])
def test_a_client_on_loopback_needs_no_key(shop: Site, client: tuple[str, int]) -> None:
    assert shop.get("/", client=client).status == 200


@pytest.mark.parametrize(
    "client", [("10.0.0.7", 1), ("::ffff:10.0.0.7", 1), ("2001:db8::1", 1), ("x", 1), None]
)
def test_no_other_address_is_loopback_the_machines_own_neither(
    shop: Site, client: tuple[str, int] | None
) -> None:
    assert shop.get("/", client=client).status == 401
    assert shop.get("/", client=("192.0.2.7", 1), server=("192.0.2.7", 8400)).status == 401


@pytest.mark.parametrize(
    "name",
    [
        *("forwarded", "via", "x-forwarded-for", "x-real-ip", "x-forwarded-host", "x-forwarded-proto"),
        *("cf-connecting-ip", "true-client-ip", "x-client-ip"),
    ],
)
def test_what_a_proxy_forwards_is_not_from_loopback(shop: Site, name: str) -> None:
    assert shop.get("/", headers={name: "10.0.0.7"}).status == 401
    assert shop.get("/", headers={name: "127.0.0.1"}).status == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8400", ""]
)
def test_a_name_that_was_bound_to_this_machine_from_outside_is_not_either(shop: Site, host: str) -> None:
    assert shop.get("/requests.csv", headers={"host": host}).status == 401


def test_the_login_tells_a_stranger_nothing_of_the_house(away: Browser, shop: Site) -> None:
    answer = away.go("/login")
    assert answer.status == 200
    for said in (str(shop.folder), "freehold.toml", "9.9.9", "support", "gpt", "Playground"):
        assert said not in answer.text
    assert "not encrypted" in answer.text


def test_an_admin_key_opens_every_page_and_leads_to_the_one_that_was_wanted(
    away: Browser, admin: str
) -> None:
    wanted = away.go("/requests?route=support&since=24h")
    entered = away.log_in(admin, wanted.headers["location"])
    assert (entered.status, entered.headers["location"]) == (303, "/requests?route=support&since=24h")
    for path in ("/", "/requests", "/requests.csv", "/playground", "/assets/live.js"):
        assert away.go(path).status == 200
    assert away.go("/no-page").status == 404
    assert away.go("/login").headers["location"] == "/"


def test_a_program_sends_the_key_with_each_request(shop: Site, admin: str) -> None:
    def asked(secret: str) -> int:
        headers = {"authorization": f"Bearer {secret}", "host": "freehold.example"}
        return shop.get("/requests.csv", headers=headers, client=AWAY).status

    assert (asked(admin), asked(admin + "x"), asked("")) == (200, 401, 401)


def test_the_cookie_is_for_no_script_and_no_other_site_and_under_tls_for_tls_alone(
    shop: Site, admin: str
) -> None:
    plain = Browser(shop)
    plain.log_in(admin)
    assert plain.session is not None
    assert plain.session.startswith("freehold=key_")
    said = {part.strip().lower() for part in plain.session.split(";")[1:]}
    assert said == {"httponly", f"max-age={LASTS_SECONDS}", "path=/", "samesite=strict"}
    tls = Browser(shop, scheme="https")
    assert "not encrypted" not in tls.go("/login").text
    tls.log_in(admin)
    assert tls.session is not None
    assert tls.session.startswith("__Host-freehold=key_")
    assert "secure" in {part.strip().lower() for part in tls.session.split(";")}
    assert admin not in tls.session
    assert tls.go("/").status == 200


@pytest.mark.parametrize("how", ["another key", "wrong", "empty", "revoked", "expired", "replaced"])
def test_no_other_key_opens_it(away: Browser, admin: str, shop: Site, how: str) -> None:
    if how == "another key":
        _, secret = create_key(shop.ledger, who="test")
    elif how == "expired":
        _, secret = create_key(shop.ledger, admin=True, expires_at=1.0, who="test")
    elif how in ("revoked", "replaced"):
        key, secret = create_key(shop.ledger, admin=True, who="test")
        shop.end_key(key.id, replaced=how == "replaced")
    else:
        secret = {"wrong": admin[:-1] + "-", "empty": ""}[how]
    answer = away.log_in(secret)
    assert answer.status == 401
    assert "not an admin key" in answer.text
    assert away.session is None
    if secret:
        assert secret not in answer.text
    assert away.go("/").status == 303


def test_a_session_ends_with_its_key(shop: Site) -> None:
    for replaced in (False, True):
        key, secret = create_key(shop.ledger, admin=True, who="test")
        browser = Browser(shop)
        browser.log_in(secret)
        assert browser.go("/").status == 200
        shop.end_key(key.id, replaced=replaced)
        assert browser.go("/").status == 303


def test_whoever_logs_out_is_out_and_so_is_whoever_copied_the_cookie(away: Browser, admin: str) -> None:
    away.log_in(admin)
    copied = dict(away.cookies)
    out = away.go("/logout", away.form("/"))
    assert (out.status, out.headers["location"]) == (303, "/login")
    assert "freehold" not in away.cookies
    away.cookies = copied
    assert away.go("/").status == 303


def test_a_form_needs_the_token_that_was_shown_with_it(away: Browser, admin: str) -> None:
    form = away.form()
    for token in ("", "x" * 64, "é"):
        refused = away.go("/login", {**form, "token": token, "key": admin})
        assert (refused.status, away.session) == (403, None)
    other = Browser(away.site)
    assert other.go("/login", {**form, "key": admin}).status == 403  # without the cookie of the visit
    other.form()
    assert other.go("/login", {**form, "key": admin}).status == 403  # with that of another
    assert away.go("/login", {**form, "key": admin}, sec_fetch_site="cross-site").status == 403
    assert away.go("/login", {**form, "key": admin}).status == 303
    for bad in ({}, {"token": form["token"]}):
        assert away.go("/logout", bad).status == 403
    assert away.go("/").status == 200


def test_a_form_that_is_too_long_is_not_read_on(away: Browser) -> None:
    assert away.go("/login", {**away.form(), "key": "x" * 10_000}).status == 413


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil", "evil", "", "/v1/models",
     "/logout", "/requests\r\nset-cookie: a=b", "javascript:alert(1)", "///x"],
)  # fmt: skip
def test_the_login_leads_to_no_other_place(away: Browser, admin: str, there: str) -> None:
    answer = away.go("/login", {**away.form(), "next": there, "key": admin})
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_guessing_is_slowed_for_whoever_guesses(shop: Site, away: Browser, admin: str) -> None:
    form = away.form()
    statuses = [away.go("/login", {**form, "key": f"fh-{n}"}).status for n in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    slowed = away.go("/login", {**form, "key": admin})
    assert slowed.status == 429
    assert "Wait 1 s" in slowed.text
    assert slowed.headers["retry-after"] == "1"
    bearer = {"authorization": f"Bearer {admin}"}
    assert shop.get("/", headers=bearer, client=away.client).status == 429
    assert Browser(shop, client=("10.0.0.8", 1)).log_in(admin).status == 303


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_wrong_key_doubles_the_wait_up_to_five_minutes_and_a_right_one_ends_it() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    waits = []
    for _ in range(16):
        guesses.wrong("10.0.0.7")
        waits.append(guesses.wait_seconds("10.0.0.7"))
    assert waits[:9] == [0, 0, 0, 0, 1, 2, 4, 8, 16]
    assert waits[-1] == 300
    clock.now += 299
    assert guesses.wait_seconds("10.0.0.7") == 1
    assert guesses.wait_seconds("10.0.0.8") == 0
    guesses.right("10.0.0.7")
    assert guesses.wait_seconds("10.0.0.7") == 0


def test_a_guesser_is_a_whole_network_of_ipv6_is_forgotten_in_time_and_memory_is_bounded() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    for n in range(6):
        guesses.wrong(f"2001:db8::{n}")
    assert guesses.wait_seconds("2001:db8::ffff") == 2
    assert guesses.wait_seconds("2001:db8:0:1::1") == 0
    clock.now += 900
    assert guesses.wait_seconds("2001:db8::1") == 0
    for _ in range(6):
        guesses.wrong("10.0.0.1")
    for n in range(5000):
        guesses.wrong(f"10.1.{n // 256}.{n % 256}")
    assert guesses.wait_seconds("10.0.0.1") == 0  # forgotten, and with it the room it took


def test_a_session_is_forged_by_nobody_and_over_in_time(shop: Site) -> None:
    clock = Clock()
    sessions = Sessions(clock)
    key, _ = create_key(shop.ledger, admin=True, who="test")

    def known(id_: str) -> Any:
        return key if id_ == key.id else None

    cookie = sessions.begin(key)
    assert sessions.read(cookie, known) is not None
    id_, ends, nonce, mac = cookie.split(".")
    forged = [
        *("", "....", f"{id_}.{int(ends) + 1}.{nonce}.{mac}", f"{id_}.{ends}.{nonce}x.{mac}"),
        *(f"key_x.{ends}.{nonce}.{mac}", f"{id_}.{ends}.{nonce}.{mac[:-1]}", f"{id_}.{ends}.{nonce}.é"),
        *(f"{id_}.²³.{nonce}.{mac}", f"{id_}.{'9' * 5000}.{nonce}.{mac}"),
    ]
    assert [sessions.read(text, known) for text in forged] == [None] * len(forged)
    assert Sessions(clock).read(cookie, known) is None  # another process's
    clock.now = float(LASTS_SECONDS)
    assert sessions.read(cookie, known) is None
