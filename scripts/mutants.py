"""Removes or inverts each check that keeps what is private at home, one at a time, and runs the tests.

    python -m scripts.mutants [NAME ...]

A mutant that no test notices is a check that nobody holds. Each runs in a copy of the tree. Takes minutes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
_COPIED = ("src", "tests", "pyproject.toml")
_CANARIES = "tests/gateway/test_canaries.py"
_LABELS = ("tests/routing", "tests/gateway/test_detection.py", "tests/gateway/test_who_answers.py")
_REDACTION = (
    "tests/gateway/test_redaction.py",
    "tests/gateway/test_second_look.py",
    "tests/privacy/redaction",
    "tests/gateway/test_restoring.py",
)
_AUDIT = ("tests/ledger/test_tampering.py", "tests/ledger/test_log.py", "tests/cli/test_audit.py")
_DOOR = ("tests/egress/test_door.py", "tests/privacy")


@dataclass(frozen=True, slots=True)
class Mutant:
    """`before` becomes `after` in `file`; `tests` have to fail then."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "limit-clearance",
        "routing/limits.py",
        "if facts.label <= candidate.clearance:",
        "if True:",
        _LABELS,
    ),
    Mutant(
        "limit-redacted",
        "routing/limits.py",
        "facts.redacted is not None and facts.redacted <= candidate.clearance",
        "facts.redacted is not None",
        ("tests/routing", *_REDACTION),
    ),
    Mutant(
        "limit-residency",
        "routing/limits.py",
        "if facts.regions is None or candidate.region in facts.regions:",
        "if True:",
        ("tests/routing", "tests/gateway/test_residency.py"),
    ),
    Mutant(
        "limit-own-only",
        "routing/limits.py",
        'if candidate.tenure == "owned" or not facts.own_only:',
        "if True:",
        ("tests/routing", "tests/gateway/test_residency.py"),
    ),
    Mutant(
        "policy-outranks-limits",
        "routing/decide.py",
        "kept = tuple(candidate for candidate in order if candidate in left)",
        "kept = tuple(order)",
        ("tests/routing",),
    ),
    Mutant(
        "refuse-is-keep",
        "routing/decide.py",
        'if facts.private == "refuse" and any',
        "if False and any",
        _LABELS,
    ),
    Mutant("permit-clearance", "privacy/permit.py", "if label > clearance:", "if label < clearance:", _DOOR),
    Mutant(
        "permit-region",
        "privacy/permit.py",
        "if regions is not None and region not in regions:",
        "if False:",
        ("tests/gateway/test_residency.py",),
    ),
    Mutant(
        "door-destination",
        "egress/client.py",
        "type(permit) is not Permit or permit.destination != origin.text",
        "type(permit) is not Permit",
        _DOOR,
    ),
    Mutant(
        "door-bytes",
        "egress/client.py",
        "permit.body is not request.body and not permit.covers(request.body)",
        "False",
        _DOOR,
    ),
    Mutant(
        "detector-fails-open",
        "gateway/inspector.py",
        'log.error("a detector failed (%s), so the request counts as secret", type(error).__name__)',
        "return Seen(floor)",
        _LABELS,
    ),
    Mutant(
        "nothing-is-found",
        "gateway/inspector.py",
        "return Seen(self._sorting.label(found, floor), _counted(found))",
        "return Seen(floor, _counted(found))",
        (_CANARIES,),
    ),
    Mutant(
        "nothing-is-left",
        "gateway/inspector.py",
        "return Redacted(made, self._sorting.label(left, floor), book.way_back)",
        "return Redacted(made, floor, book.way_back)",
        _REDACTION,
    ),
    Mutant(
        "pseudonyms-are-not-sent",
        "gateway/attempt.py",
        "ask = question.ask if redacted is None else redacted.ask",
        "ask = question.ask",
        (_CANARIES, *_REDACTION),
    ),
    Mutant(
        "the-grammar-repeats-what-was-asked",
        "gateway/attempt.py",
        "_grammar(question.route, ask, deployment)",
        "_grammar(question.route, question.ask, deployment)",
        _REDACTION,
    ),
    Mutant(
        "a-value-seen-before-stays",
        "gateway/replacing.py",
        "return raw if redacted == said else",
        "return raw if len(raw) < 90 or redacted == said else",
        _REDACTION,
    ),
    Mutant(
        "what-cannot-be-replaced-is-forgotten",
        "gateway/replacing.py",
        "            return ask, left + lasting",
        "            return ask, ()",
        _REDACTION,
    ),
    Mutant(
        "the-changed-text-is-not-read-again",
        "gateway/replacing.py",
        "        ask = masks.replaced(ask, places)\n",
        "        return masks.replaced(ask, places), lasting\n",
        _REDACTION,
    ),
    Mutant(
        "a-name-said-again-stays",
        "gateway/replacing.py",
        "    _add_echoes(places, asked, masks)",
        "    pass",
        _REDACTION,
    ),
    Mutant(
        "names-are-not-counted",
        "privacy/sorting.py",
        'HARMLESS_TYPES: Final = frozenset({"ORGANIZATION"',
        'HARMLESS_TYPES: Final = frozenset({"PERSON", "ADDRESS", "ORGANIZATION"',
        ("tests/privacy/test_naming.py",),
    ),
    Mutant(
        "the-clients-tracestate-goes-out",
        "gateway/attempt.py",
        "cleared = deployment.clearance is Label.SECRET",
        "cleared = True",
        ("tests/cli/test_telemetry.py",),
    ),
    Mutant(
        "the-client-lowers",
        "gateway/house.py",
        "return max(floor, Label.parse(",
        "return min(floor, Label.parse(",
        _LABELS,
    ),
    Mutant(
        "a-conversation-forgets",
        "gateway/path.py",
        "floor = max(floor, voice.inherited)",
        "pass",
        ("tests/gateway/test_detection.py", "tests/gateway/test_responses.py"),
    ),
    Mutant(
        "names-of-fields-are-not-read",
        "wire/passages.py",
        "if not field and not is_word(name):",
        "if False:",
        ("tests/wire/test_passages.py", "tests/gateway/test_detection.py"),
    ),
    Mutant(
        "of-fields-named-twice-the-last-is-read",
        "wire/passages.py",
        "if not _is_all_read(written, strings, found[before:]):",
        "if False:",
        ("tests/wire/test_passages.py", "tests/gateway/test_detection.py"),
    ),
    Mutant(
        "what-nobody-looked-at-is-public",
        "gateway/house.py",
        "_UNSEEN = Seen(Label.SECRET, known=False)",
        "_UNSEEN = Seen(Label.PUBLIC, known=False)",
        _LABELS,
    ),
    Mutant(
        "a-message-is-scanned-again",
        "gateway/inspector.py",
        "found = self._memory.recall(digest)",
        "found = None",
        ("tests/gateway/test_detection.py",),
    ),
    Mutant(
        "tenants-share-pseudonyms",
        "privacy/redaction/book.py",
        'said = f"{self.tenant}\\0{self.conversation}\\0{type_}\\0{value}"',
        'said = f"{self.conversation}\\0{type_}\\0{value}"',
        ("tests/privacy/redaction",),
    ),
    Mutant(
        "pseudonyms-that-the-text-holds-are-issued",
        "privacy/redaction/book.py",
        "if len(made) > LONGEST or self._said.issuperset(_words(made)):",
        "if len(made) > LONGEST:",
        ("tests/privacy/redaction",),
    ),
    Mutant(
        "one-pseudonym-begins-another",
        "privacy/redaction/book.py",
        "return folded not in self._beginnings and self._folded.isdisjoint(_beginnings(folded))",
        "return folded not in self._folded",
        ("tests/privacy/redaction",),
    ),
    Mutant(
        "a-row-need-not-fit-its-leaf",
        "ledger/matching.py",
        "leaf.facts, lambda: commit_facts(values, salts)",
        "leaf.facts, lambda: leaf.facts",
        _AUDIT,
    ),
    Mutant(
        "what-was-sent-need-not-fit-its-leaf",
        "ledger/matching.py",
        "sent.label, sent.clearance, sent.policy) != plain:",
        "sent.label, sent.clearance, sent.policy) == ():",
        _AUDIT,
    ),
    Mutant(
        "another-history-fits-a-checkpoint",
        "ledger/verifying.py",
        "if checkpoint.root != frontier.root().hex():",
        "if False:",
        _AUDIT,
    ),
    Mutant(
        "any-signature-is-genuine",
        "audit/checkpoint.py",
        "        except (InvalidSignature, ValueError):\n            return False\n",
        "        except (InvalidSignature, ValueError):\n            return True\n",
        ("tests/audit",),
    ),
    Mutant(
        "an-erasure-leaves-content",
        "ledger/erasing.py",
        "payloads, keys = delete_content(connection, stripped)",
        "payloads, keys = 0, 0",
        ("tests/gateway/test_erase.py",),
    ),
    Mutant(
        "an-erasure-leaves-places",
        "ledger/erasing.py",
        " spans = NULL, salt = ?",
        " salt = ?",
        ("tests/gateway/test_spotted.py",),
    ),
    Mutant(
        "an-erasure-leaves-the-journal",
        "ledger/erasing.py",
        "_clear_journals(path, time.monotonic() + seconds)",
        "pass",
        ("tests/gateway/test_erase.py",),
    ),
    Mutant(
        "a-removal-is-not-written-down",
        "ledger/forget.py",
        "event_id = write_event(connection, ROWS_REMOVED, body, who=who, why=why)",
        "event_id = 0",
        ("tests/ledger/test_forget.py", "tests/ledger/test_removed_rows.py"),
    ),
    Mutant(
        "a-continued-response-of-no-label-is-internal",
        "gateway/voices.py",
        "return Label.PUBLIC if route.scans or route.open_to_all else Label.SECRET",
        "return Label.PUBLIC",
        ("tests/gateway/test_detection.py", "tests/gateway/test_responses.py"),
    ),
)


def main(names: list[str]) -> int:
    """Run the mutants; the exit code is 1 if one of them survives."""
    unknown = set(names) - {mutant.name for mutant in MUTANTS}
    if unknown:
        click.echo(f"no mutant is called {', '.join(sorted(unknown))}", err=True)
        return 2
    chosen = [mutant for mutant in MUTANTS if not names or mutant.name in names]
    survivors = [mutant.name for mutant in chosen if not _is_killed(mutant)]
    click.echo(f"{len(chosen) - len(survivors)} of {len(chosen)} mutants killed")
    for name in survivors:
        click.echo(f"  survived: {name}")
    return 1 if survivors else 0


def _is_killed(mutant: Mutant) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        file = copy / "src" / "freehold" / mutant.file
        text = file.read_text()
        if text.count(mutant.before) != 1:
            click.echo(f"{mutant.name}: its line is not in {mutant.file} once: mend the mutant")
            return False
        file.write_text(text.replace(mutant.before, mutant.after))
        done = subprocess.run(  # noqa: S603 - our own tests
            [sys.executable, "-m", "pytest", "-q", "-x", "-m", "not slow", *mutant.tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
    killed = done.returncode == 1
    said = next((line for line in done.stdout.splitlines() if line.startswith("FAILED")), done.stdout[-200:])
    click.echo(f"{mutant.name}: {'killed by ' + said[7:120] if killed else 'SURVIVED'}")
    return killed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
