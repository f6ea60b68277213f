"""Detectors of others: what they find is used, and one that fails makes the text secret.

The real libraries are extras. Stand-ins with the same interface take their place; the tests of the real ones
are skipped where they are not installed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from freehold.gateway import Inspector
from freehold.privacy import Label, PlugFailed, Reading, Scanner, Sorting, Span, make_scanner, plug
from freehold.privacy.plugs import Plug
from freehold.wire import Endpoint, read_ask

VOCABULARY = {"[UNK]": 0, "maria": 1, "okonkwo": 2, "acme": 3}
LABELS = {"0": "O", "1": "B-PER", "2": "I-PER", "3": "B-ORG"}
FAR = "x " * 40  # more tokens than the model takes at once


class _Encoding:
    def __init__(self, words: list[tuple[int, int, str]], rest: list[_Encoding]) -> None:
        self.ids = [VOCABULARY.get(word, 0) for _, _, word in words]
        self.attention_mask = [1] * len(words)
        self.type_ids = [0] * len(words)
        self.offsets = [(start, end) for start, end, _ in words]
        self.overflowing = rest


class _Tokenizer:
    """Stands in for `tokenizers.Tokenizer`: words between blanks, in windows."""

    def __init__(self) -> None:
        self._longest = 0

    @classmethod
    def from_file(cls, file: str) -> _Tokenizer:
        assert Path(file).exists()
        return cls()

    def enable_truncation(self, longest: int, stride: int) -> None:
        self._longest, self._step = longest, longest - stride

    def no_padding(self) -> None:
        pass

    def encode(self, text: str) -> _Encoding:
        words, at = [], 0
        for word in text.split():
            at = text.index(word, at)
            words.append((at, at + len(word), word))
            at += len(word)
        windows = [words[n : n + self._longest] for n in range(0, max(1, len(words)), self._step)]
        return _Encoding(windows[0], [_Encoding(window, []) for window in windows[1:]])


class _Session:
    """Stands in for `onnxruntime.InferenceSession`: every word's label is its number."""

    def __init__(self, file: str, options: Any, providers: list[str]) -> None:
        assert Path(file).exists()
        assert providers == ["CPUExecutionProvider"]
        assert options.intra_op_num_threads == 1

    def get_inputs(self) -> list[SimpleNamespace]:
        return [SimpleNamespace(name="input_ids")]

    def run(self, _: None, given: dict[str, Any]) -> list[Any]:
        assert list(given) == ["input_ids"]
        return [np.eye(4, dtype=np.float32)[given["input_ids"]] * 9]


def stand_in(name: str, **parts: Any) -> ModuleType:
    module = ModuleType(name)
    for part, value in parts.items():
        setattr(module, part, value)
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.json").write_text(json.dumps({"id2label": LABELS, "max_position_embeddings": 16}))
    (tmp_path / "tokenizer.json").write_text("{}")
    (tmp_path / "model.onnx").write_bytes(b"")
    return tmp_path


@pytest.fixture
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    session = stand_in("onnxruntime", InferenceSession=_Session, SessionOptions=SimpleNamespace)
    monkeypatch.setitem(sys.modules, "onnxruntime", session)
    monkeypatch.setitem(sys.modules, "tokenizers", stand_in("tokenizers", Tokenizer=_Tokenizer))


def found(plugged: Plug, text: str) -> list[tuple[str, str]]:
    scanner = make_scanner(plugged.types, plugs=(plugged,))
    only = Scanner(scanner.detectors[-1:], plugged.types)
    return [(span.type, text[span.start : span.end]) for span in only.spans(text)]


@pytest.mark.usefixtures("stand_ins")
def test_a_token_classifier_finds_names_wherever_in_a_long_text(folder: Path) -> None:
    classifier = plug("onnx", folder=folder, labels={})
    assert classifier.types == {"PERSON", "ORGANIZATION"}
    text = f"{FAR}maria okonkwo of acme {FAR}acme"
    names = [("PERSON", "maria okonkwo"), ("ORGANIZATION", "acme"), ("ORGANIZATION", "acme")]
    assert found(classifier, text) == names


@pytest.mark.usefixtures("stand_ins")
def test_a_classifiers_labels_are_named_as_the_config_says(folder: Path) -> None:
    assert plug("onnx", folder=folder, labels={"ORG": "FIRM"}).types == {"PERSON", "FIRM"}


def test_a_real_classifier_does_as_the_stand_in_does(folder: Path) -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is not installed: no model can be made")
    pytest.importorskip("onnxruntime", reason="the extra [onnx] is not installed")
    tokenizers = pytest.importorskip("tokenizers", reason="the extra [onnx] is not installed")
    model = tokenizers.models.WordLevel(VOCABULARY, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    info, helper = onnx.helper.make_tensor_value_info, onnx.helper
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["logits"])],
        "tiny",
        [info("input_ids", onnx.TensorProto.INT64, [1, None])],
        [info("logits", onnx.TensorProto.FLOAT, [1, None, 4])],
        [onnx.numpy_helper.from_array(np.eye(4, dtype=np.float32) * 9, "table")],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 9
    onnx.save(made, str(folder / "model.onnx"))
    text = f"{FAR}maria okonkwo of acme"
    classifier = plug("onnx", folder=folder, labels={})
    assert found(classifier, text) == [("PERSON", "maria okonkwo"), ("ORGANIZATION", "acme")]


def test_presidio_finds_what_it_finds_and_reaches_for_no_network(no_connections: list[str]) -> None:
    pytest.importorskip("presidio_analyzer", reason="the extra [presidio] is not installed")
    presidio = plug("presidio", model=None)
    assert {"CREDIT_CARD", "EMAIL_ADDRESS", "US_SSN"} <= presidio.types
    text = "Card 4539 1488 0343 6467 of jane@example.com"
    spans = {(span.type, text[span.start : span.end]) for span in presidio.find(Reading(text))}
    assert {("CREDIT_CARD", "4539 1488 0343 6467"), ("EMAIL_ADDRESS", "jane@example.com")} <= spans
    with pytest.raises(PlugFailed):
        plug("presidio", model="no_such_model")
    assert no_connections == []


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom anything in this process tried to reach, and could not."""
    tried: list[str] = []

    def refuse(host: str, *_: Any, **__: Any) -> None:
        tried.append(host)
        raise OSError("no connections here")

    monkeypatch.setattr("socket.getaddrinfo", refuse)
    return tried


@pytest.mark.usefixtures("stand_ins")
def test_what_is_not_installed_or_no_model_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    with pytest.raises(PlugFailed, match="not installed"):
        plug("presidio", model=None)
    with pytest.raises(PlugFailed, match=r"config\.json"):
        plug("onnx", folder=tmp_path, labels={})


class _Other:
    """A detector of somebody else's."""

    types = frozenset({"PERSON"})

    def __init__(self, find: Callable[[str], Iterable[Span]]) -> None:
        self._find = find
        self.seen: list[str] = []

    def find(self, reading: Reading) -> Iterable[Span]:
        self.seen.append(reading.text)
        return self._find(reading.text)


def _raises(_: str) -> Iterable[Span]:
    raise ZeroDivisionError("Maria is in these words")


async def test_a_plug_that_fails_makes_the_request_secret() -> None:
    sorting = Sorting(frozenset({"PERSON"}), frozenset({"SECRET"}))
    broken = Plug("other", _Other(_raises))
    inspector = Inspector(Scanner((broken,), sorting.types), sorting, 10.0)
    ask = read_ask(Endpoint.CHAT, b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}')
    assert (await inspector.look(ask, Label.PUBLIC)).label is Label.SECRET
    inspector.close()


def test_a_plugs_failure_does_not_repeat_what_was_scanned() -> None:
    with pytest.raises(PlugFailed) as raised:
        Plug("other", _Other(_raises)).find(Reading("Maria"))
    assert "Maria" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert "ZeroDivisionError" in raised.value.message


def test_a_plug_sees_a_text_once_though_disguises_are_taken_off() -> None:
    other = _Other(lambda _: ())
    scanner = Scanner((Plug("other", other),), frozenset({"PERSON"}))
    scanner.spans("see amFuZUBleGFtcGxlLmNvbSBhbmQgbW9yZQ== and %6a%61ne, one two three four five six")
    assert len(other.seen) == 1
