"""`freehold audit` and `freehold erase` as checks outside the project use them."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Freehold, Wrote, spawn
from tests.ledger.samples import a_record

from freehold.audit import leaf_hash, verify_inclusion
from freehold.ledger import ERRAND, Attempt, Sent, append_event
from freehold.ledger.labels import LABELS
from freehold.privacy import Label

EU = Sent("https://eu.example:443", "personal", "secret", "home", "eu", "aa" * 32)
US = Sent("https://api.openai.com:443", "internal", "internal", "home", None, "bb" * 32)
LEAK = Sent("https://api.openai.com:443", "secret", "internal", "home", None, "cc" * 32)


def sent(permit: Sent) -> tuple[Attempt, ...]:
    return (Attempt("gpt", "rented", "openai", 0.0, 0.5, "ok", status=200, sent=permit),)


def a_history(wrote: Wrote) -> Path:
    return wrote(
        a_record("r1", attempts=sent(US)),
        a_record("r2", label="personal", attempts=sent(EU), at=1_790_100_000.0),
        a_record("r3", label=None, attempts=(), status=404, route=None),
        a_record("r4", label="secret", attempts=(Attempt("llama", "owned", "rules", 0, 0.1, "ok"),)),
    )


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as raw, raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f"DROP TRIGGER {name}")
        assert raw.execute(statement).rowcount


def test_an_intact_ledger_ends_with_0_and_a_changed_one_with_1_and_where(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    path = a_history(wrote)
    kept = freehold("audit", "checkpoint", "--config", str(config), "--json")
    assert set(kept.json) >= {"tree_size", "root", "time", "public_key", "signature"}
    assert len(bytes.fromhex(kept.json["root"])) == 32
    Path("kept.json").write_text(kept.out)
    arguments = ("audit", "verify", "--config", str(config), "--checkpoint", "kept.json")
    good = freehold(*arguments, "--json")
    assert (good.code, good.json["intact"], good.json["records"], good.json["sent"]) == (0, True, 4, 2)
    assert good.json["root"] == kept.json["root"]
    assert "intact" in freehold(*arguments).out
    change(path, "UPDATE records SET cost_usd = '0' WHERE request_id = 'r2'")
    bad = freehold(*arguments, "--json")
    assert (bad.code, bad.json["intact"]) == (1, False)
    assert [finding["where"] for finding in bad.json["findings"]] == ["record r2"]
    said = freehold(*arguments)
    assert said.code == 1
    assert "record r2" in said.out


def test_the_key_is_made_once_for_its_owner_alone_and_may_be_elsewhere(
    freehold: Freehold, config: Path, wrote: Wrote, tmp_path: Path
) -> None:
    a_history(wrote)
    first = freehold("audit", "checkpoint", "--json").json
    file = tmp_path / "freehold.db.signing-key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert freehold("audit", "checkpoint", "--json").json["public_key"] == first["public_key"]
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", "mine.pem"], check=True)
    config.write_text(config.read_text() + '\n[audit]\nkey_file = "mine.pem"\n')
    assert freehold("audit", "checkpoint", "--json").json["public_key"] != first["public_key"]
    assert freehold("audit", "verify").code == 0  # both keys are named in the log
    Path("mine.pem").write_text("nonsense")
    refused = freehold("audit", "checkpoint")
    assert refused.code == 2
    assert "audit.key_file" in refused.err


def test_what_the_leaves_are_adds_up_to_the_leaves(freehold: Freehold, config: Path, wrote: Wrote) -> None:
    a_history(wrote)
    assert config.exists()
    kinds, *_ = freehold("audit", "verify").out.removeprefix("intact: ").split("; 0 removed")
    leaves, *others = (int(number) for number in re.findall(r"\d+", kinds))
    assert leaves == sum(others) > 0


def test_checkpoints_in_a_second_place_are_held_against_the_ledger(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    """Whoever rewrites the ledger and its own checkpoints does not hold the file."""
    path = a_history(wrote)
    config.write_text(config.read_text() + '\n[audit]\ncheckpoint_file = "elsewhere.jsonl"\n')
    for number in range(3):
        append_event(path, "key.created", {"n": number}, who="ops")
        freehold("audit", "checkpoint")
    lines = Path("elsewhere.jsonl").read_text().splitlines()
    assert [json.loads(line)["tree_size"] for line in lines] == [8, 9, 10]
    assert freehold("audit", "verify", "--json").json["checkpoints"] == 3
    change(path, "DELETE FROM checkpoints")
    change(path, "DELETE FROM log WHERE id > 5")
    bad = freehold("audit", "verify", "--json")
    assert bad.code == 1
    assert sum("the end of the log is missing" in finding["what"] for finding in bad.json["findings"]) == 3


def test_a_file_that_holds_no_checkpoint_is_refused_with_a_hint(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    a_history(wrote)
    assert config.exists()
    for text in ("{}", "[1]", "hello", '{"tree_size": 1}\n{"tree'):
        Path("odd.json").write_text(text)
        ended = freehold("audit", "verify", "--checkpoint", "odd.json")
        assert ended.code == 2
        assert "audit checkpoint" in ended.err


def test_a_request_is_proven_to_whoever_has_the_checkpoint(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    a_history(wrote)
    proof = freehold("audit", "prove", "r2", "--config", str(config), "--json").json
    assert proof["root"] == proof["checkpoint"]["root"]
    for part in (proof, *proof["sent"]):
        leaf = base64.b64decode(part["leaf"])
        assert json.loads(leaf)["request"] == "r2"
        path = [bytes.fromhex(digest) for digest in part["path"]]
        root = bytes.fromhex(part["root"])
        assert verify_inclusion(leaf_hash(leaf), part["index"], part["tree_size"], path, root)
    assert json.loads(base64.b64decode(proof["sent"][0]["leaf"]))["destination"] == EU.destination
    assert "eu.example" in freehold("audit", "prove", "r2").out
    missing = freehold("audit", "prove", "r9")
    assert missing.code == 1
    assert "no request r9" in missing.err


def test_the_report_says_it_in_a_sentence_and_by_destination(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    a_history(wrote)
    assert config.exists()
    freehold("audit", "checkpoint")
    told = freehold("audit", "report", "--json")
    assert told.code == 0
    assert told.json["sentence"].startswith(
        "4 requests, 2 labelled personal or above, 0 of them sent to a destination without clearance;"
        " verified to checkpoint "
    )
    assert {key: told.json[key] for key in ("requests", "personal", "unlabelled", "left")} == {
        "requests": 4,
        "personal": 2,
        "unlabelled": 1,
        "left": 2,
    }
    there = told.json["destinations"]
    places = [(d["destination"], d["region"], d["attempts"], d["personal"]) for d in there]
    assert places == [("https://api.openai.com:443", None, 1, 0), ("https://eu.example:443", "eu", 1, 1)]
    assert freehold("audit", "report").out.startswith("4 requests, 2 labelled personal or above, 0 of them")
    assert "gpt (simulated)" in freehold("audit", "report").out
    assert "2 sent, 2 for 2 requests: each try counts." in freehold("audit", "report").out
    assert told.json["simulated_models"] == ["gpt"]
    later = freehold("audit", "report", "--since", "2026-09-22", "--json").json
    assert (later["requests"], later["destinations"][0]["region"]) == (1, "eu")
    assert freehold("audit", "report", "--until", "2026-09-22", "--json").json["requests"] == 3


def test_the_report_says_where_machines_stand_or_that_nobody_said_so(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    engine = '[models.tiny]\ntenure = "owned"\nprovider = "llamacpp"\nweights = "tiny.gguf"\n'
    config.write_text(f"{config.read_text()}\n{engine}")
    config.with_name("tiny.gguf").write_bytes(b"GGUF")
    sent = Sent("http://127.0.0.1:4711", "secret", "secret", "home", None, "ab")
    beside = Sent("http://127.0.0.1:9", "personal", "secret", "home", None, "ab")
    attempts = (
        Attempt("tiny", "owned", "llamacpp", 0.1, 0.2, "ok", 200, sent=sent),
        Attempt("llama", "owned", "compatible", 0.1, 0.2, "ok", 200, sent=beside),
    )
    wrote(a_record("r1", attempts=attempts))
    report = config.with_name("report.md")
    told = freehold("audit", "report", "--markdown", str(report)).out
    rows = {line.split()[0]: line for line in told.splitlines() if line.startswith("http:")}
    assert " this machine " in rows["http://127.0.0.1:4711"]
    assert " not stated in the config " in rows["http://127.0.0.1:9"]
    assert "[models.X] region says where a model's machines stand." in told
    assert "| this machine |" in report.read_text()


def test_requests_that_nobody_looked_at_are_named_apart(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    """Where every candidate may receive everything a request need not be scanned: it has no label then."""
    secret = Sent("https://own.example:443", "secret", "secret", "home", None, "dd" * 32)
    wrote(
        a_record("r1", label=None, attempts=sent(secret) * 2),
        a_record("r2", label=None, attempts=(), status=404),
        a_record("r3", attempts=sent(US)),
    )
    assert config.exists()
    told = freehold("audit", "report", "--json").json
    assert (told["unscanned"], told["unlabelled"], told["personal"]) == (1, 1, 0)
    assert told["sentence"].startswith(
        "3 requests, 0 labelled personal or above and 1 taken for secret unscanned, 0 of them sent"
    )


def test_what_was_sent_on_nobodys_request_is_in_the_sum_and_told_apart(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    path = wrote(a_record("r1", attempts=sent(US) * 2))
    assert config.exists()
    body = {"destination": "https://hub.example:443", "region": None, "label": "public"}
    more = {"clearance": "public", "policy": "pull", "digests": ["aa" * 32, "bb" * 32]}
    append_event(path, ERRAND, body | more, who="me")
    told = freehold("audit", "report", "--json").json
    assert (told["left"], told["errands"], sum(d["attempts"] for d in told["destinations"])) == (1, 2, 4)
    says = "4 sent: 2 for 1 request (each try counts), and 2 on nobody's request, in brackets."
    assert says in freehold("audit", "report").out


def test_what_was_sent_above_clearance_is_counted_and_ends_with_1(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    """It cannot be by way of the door; a record that says so anyway must not be passed over."""
    wrote(a_record("r1", label="secret", attempts=sent(LEAK)))
    assert config.exists()
    told = freehold("audit", "report", "--json")
    assert (told.code, told.json["above_clearance"]) == (1, 1)
    assert "1 of them sent to a destination without clearance" in told.json["sentence"]


def test_a_report_over_a_changed_ledger_says_that_it_is_not_verified(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    path = a_history(wrote)
    assert config.exists()
    change(path, "DELETE FROM records WHERE request_id = 'r2'")
    told = freehold("audit", "report", "--json")
    assert (told.code, told.json["intact"]) == (1, False)
    assert "NOT VERIFIED" in told.json["sentence"]


def test_the_register_has_every_point_of_article_30_and_escapes_what_it_shows(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    a_history(wrote)
    wrote(a_record("r5", route="<b>|odd", attempts=()))
    config.write_text(config.read_text() + '\n[audit]\ncontroller = "ACME <GmbH>, dpo@acme.example"\n')
    freehold("audit", "report", "--html", "r.html", "--markdown", "r.md")
    html, markdown = Path("r.html").read_text(), Path("r.md").read_text()
    for point in "abcdefg":
        assert f"<h2>({point})" in html
        assert f"## ({point})" in markdown
    assert "ACME &lt;GmbH&gt;, dpo@acme.example" in html
    assert "<b>" not in html
    assert "&lt;b>\\|odd" in markdown
    assert "5 requests, 2 labelled personal or above" in html
    assert "gpt (simulated)" in html
    assert "not stated" in markdown
    assert "https://" in markdown
    assert "http" not in html.split("<title>")[0]  # no font, script or style from elsewhere


def test_the_register_tells_what_each_contract_says(freehold: Freehold, config: Path, wrote: Wrote) -> None:
    a_history(wrote)
    facts = 'trains_on_data = false\nretention_days = 30\ncertifications = ["ISO 27001"]\n'
    config.write_text(config.read_text().replace("[models.gpt]\n", f"[models.gpt]\n{facts}"))
    freehold("audit", "report", "--markdown", "r.md")
    assert "| no | 30 days | ISO 27001 |" in Path("r.md").read_text()


def test_erase_wants_to_know_what_and_names_the_backups(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    path = a_history(wrote)
    assert config.exists()
    assert freehold("erase").code == 2
    assert freehold("erase", "--subject", "a", "--request", "b").code == 2
    nothing = freehold("erase", "--subject", "alice", "--json")
    assert (nothing.code, nothing.json["requests"]) == (1, 0)
    done = freehold("erase", "--request", "r2", "--why", "asked for", "--json")
    assert (done.code, done.json["requests"]) == (0, 1)
    assert "backups" in done.json["backups"]
    assert "backups" in freehold("erase", "--request", "r2").out
    assert freehold("audit", "verify").code == 0
    with closing(sqlite3.connect(path)) as raw:
        assert not raw.execute("SELECT count(*) FROM records WHERE attempts LIKE '%aaaa%'").fetchone()[0]


def test_a_file_that_cannot_be_read_to_its_end_is_a_finding_too(
    freehold: Freehold, config: Path, wrote: Wrote
) -> None:
    path = a_history(wrote)
    assert config.exists()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    ended = freehold("audit", "verify", "--json")
    assert (ended.code, ended.json["intact"]) == (1, False)
    assert ended.json["findings"][0]["where"] == str(path)
    assert "damaged" in freehold("audit", "verify").out


def test_a_real_process_verifies_a_ledger_that_a_gateway_left(config: Path, wrote: Wrote) -> None:
    a_history(wrote)
    ended = spawn(["audit", "verify", "--config", str(config), "--json"], config.parent)
    assert (ended.returncode, json.loads(ended.stdout)["intact"]) == (0, True)


def test_the_labels_of_the_report_are_those_of_privacy() -> None:
    assert [label.word for label in Label] == list(LABELS)
