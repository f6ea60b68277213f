"""Public English text and the byte-level BPE that both it and the tickets are cut with.

The text is read from the folder of public data (``FREEHOLD_SHARED``, else ``../shared`` beside the
repository) and is not part of the project. It does not know the model.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Container, Iterable
from pathlib import Path

from tickets import INTENTS, PRIORITIES
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ("<|end|>", "<|ticket|>", "<|answer|>")
# The answer is written in a few tokens of its own, into which no text is ever cut: each says by itself what
# comes next. Cut like text it took 18 tokens, and the same `":"` stood before intent and priority.
ANSWER_PIECES = (
    '{"intent":"',
    *(f'{intent}"' for intent in INTENTS),
    ',"priority":"',
    *(f'{priority}"' for priority in PRIORITIES),
    ',"order_id":',
    "null}",
    '"}',
)
SOURCES = ("clean_prompts", "clean_wildguard", "ner_ewt")  # licences: README.md
_FOLDER = Path(os.environ.get("FREEHOLD_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "privacy"
# The rule that llama.cpp calls "qwen2": words with the blank before them, single digits, marks, line ends.
_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def public_texts() -> list[str]:
    """Every text of the sources that is there; an empty list (and a word about it) without the folder."""
    texts = []
    for source in SOURCES:
        path = _FOLDER / f"{source}.jsonl"
        if not path.exists():
            print(f"  {path} is not there: training goes on without it, and understands fewer words")
            continue
        texts += [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    return texts


def spare_words(texts: Iterable[str], used: Container[str]) -> list[str]:
    """Words of at least four letters, seen two to forty times and not ``used``, to stand in for products."""
    counts = Counter(word for text in texts for word in re.findall(r"\b[a-z]{4,12}\b", text))
    return sorted(word for word, count in counts.items() if 2 <= count <= 40 and word not in used)


def train_tokenizer(texts: Iterable[str], size: int) -> Tokenizer:
    """A byte-level BPE of ``size`` tokens, each digit its own token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer
