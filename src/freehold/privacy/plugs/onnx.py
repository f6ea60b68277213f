"""A token classifier in ONNX, as exported from Transformers: `model.onnx`, `tokenizer.json`, `config.json`.

Runs on the processor, by onnxruntime; the tokenizer is Hugging Face's. Asks no hub.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

# The labels that such models commonly have, as our types.
_USUAL: Final = {
    "PER": "PERSON",
    "PERSON": "PERSON",
    "ORG": "ORGANIZATION",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "ADDRESS": "ADDRESS",
    "EMAIL": "EMAIL_ADDRESS",
    "PHONE": "PHONE_NUMBER",
}
_NOTHING: Final = frozenset({"O", "MISC"})
_LEAST_CHANCE: Final = 0.5
_LONGEST: Final = 512  # tokens at once
_OVERLAP: Final = 64


class Detector:
    """`labels` name types for the labels of the model, in place of the usual ones."""

    def __init__(self, folder: Path, labels: Mapping[str, str]) -> None:
        from onnxruntime import InferenceSession, SessionOptions  # noqa: PLC0415 - an extra
        from tokenizers import Tokenizer  # noqa: PLC0415 - likewise

        facts = json.loads((folder / "config.json").read_text("utf-8"))
        names = {int(number): _bare(label) for number, label in facts["id2label"].items()}
        self._types = {number: _type(name, labels) for number, name in names.items()}
        self.types = frozenset(type_ for type_ in self._types.values() if type_ is not None)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        longest = min(_LONGEST, int(facts.get("max_position_embeddings", _LONGEST)))
        self._tokenizer.enable_truncation(longest, stride=min(_OVERLAP, longest // 4))
        self._tokenizer.no_padding()
        options = SessionOptions()
        options.intra_op_num_threads = 1  # scans run side by side already
        self._session = InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = frozenset(given.name for given in self._session.get_inputs())

    def find(self, reading: Reading) -> Iterable[Span]:
        first = self._tokenizer.encode(reading.text)
        for window in (first, *first.overflowing):
            yield from self._in_window(window, reading.text)

    def _in_window(self, window: Any, text: str) -> Iterator[Span]:
        import numpy as np  # noqa: PLC0415 - comes with onnxruntime

        given = {
            "input_ids": window.ids,
            "attention_mask": window.attention_mask,
            "token_type_ids": window.type_ids,
        }
        arrays = {
            name: np.array([ids], dtype=np.int64) for name, ids in given.items() if name in self._inputs
        }
        scores = self._session.run(None, arrays)[0][0].astype(np.float64)
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        best = chances.argmax(axis=1)
        last: Span | None = None
        for (start, end), number, row in zip(window.offsets, best.tolist(), chances.tolist(), strict=True):
            type_ = self._types[number] if row[number] >= _LEAST_CHANCE else None
            if type_ is None or start == end:
                continue
            if last is not None and last.type == type_ and not text[last.end : start].strip():
                last = Span(last.start, end, type_, max(last.score, row[number]))
                continue
            if last is not None:
                yield last
            last = Span(start, end, type_, row[number])
        if last is not None:
            yield last


def _bare(label: str) -> str:
    """A label without the mark that says where in a name it stands: `B-PER`."""
    return label[2:] if label[:2] in ("B-", "I-", "E-", "S-", "L-", "U-") else label


def _type(name: str, labels: Mapping[str, str]) -> str | None:
    if name in labels:
        return labels[name]
    if name in _NOTHING:
        return None
    plain = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in name.upper())
    return _USUAL.get(plain, plain)
