"""What can be seen of a candidate: its value, its name and the line around it, as numbers.

Knows no model and no text beyond the candidate's own lines. Words and letters' habits come with `Habits`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from freehold.privacy.secrets.candidates import Candidate, says_text
from freehold.privacy.secrets.vocabulary import KINDS, MADE_UP, NO_VALUE, SEQUENCES

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LETTERS: Final = re.compile(r"[A-Za-z]+")
_RUNS: Final = re.compile(r"[a-z]+|[A-Z]+|[0-9]+|[^A-Za-z0-9]+")
_HEX: Final = re.compile(r"(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_\-]+={0,2}")
_NUMBER: Final = re.compile(r"[+\-]?[0-9][0-9.,_:\-/ ]*[a-zA-Z%]{0,3}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z_]*(?:[.\-:/][A-Za-z_]+|::[A-Za-z_]+|->[A-Za-z_]+)*")
_CAMEL: Final = re.compile(r"[a-z]+(?:[A-Z][a-z]+)+|(?:[A-Z][a-z]+){2,}")
_PATH: Final = re.compile(
    r"^(?:[A-Za-z]:\\|~?/|\.{1,2}/)|/[\w\-./]+\.\w{1,5}$|^[\w\-]+\.(?:py|js|ts|go|rb|md|html?|json|ya?ml|pem|key"
    r"|crt|cert|txt|png|xml|conf|cfg|sql|sh|java|php|c|h)$"
)
_ADDRESS: Final = re.compile(r"://|www\.|@[\w\-]+\.\w|\w\.(?:com|org|net|io)\b")
_TEMPLATE: Final = re.compile(r"[<>]|[$%]\{?[A-Za-z(]|\{\{?|\}\}|\[\w+\]|%s|\.\.\.|…|#\{")
_CALL: Final = re.compile(r"\w\(|\w\[|\)$|\w\.\w+\.\w")
_HASHED: Final = re.compile(
    r"(?:sha\d+|md5|pbkdf2\w*|argon2\w*|bcrypt|scrypt|\{SHA\})[\-:$_}]|\$\d?\w{1,2}\$", re.IGNORECASE
)
_NO_LETTER: Final = re.compile("[^a-z]")
_SHORTEST_WORD: Final = 3
_CLASSES: Final = tuple(KINDS)
_COMMENT: Final = re.compile(r"\s*(?:#|//|\*|--|;|<!--|\"\"\"|\.\.)")
_DECLARED: Final = re.compile(
    r"\b(?:def|function|class|import|from|func|fn|interface|raise|throw|return|if|elif|assert\w*)\b"
)
_UNITS_OF_A_BIT: Final = 16.0
_GAZE: Final = 128  # characters of a value that are looked at
_LONGEST_LINE: Final = 200


@dataclass(frozen=True, slots=True)
class Habits:
    """How letters follow each other in words, and the words in use.

    `trigrams`: 27 cubed bytes, what a letter costs behind two others, in sixteenths of a bit.
    """

    trigrams: bytes
    words: frozenset[str]

    def bits(self, letters: str) -> float:
        """What a letter (a to z) costs on average one who expects words: of words 3 bits, of dice 8."""
        a = b = total = 0
        for sign in letters:
            c = ord(sign) - 96
            total += self.trigrams[(a * 27 + b) * 27 + c]
            a, b = b, c
        return total / (_UNITS_OF_A_BIT * len(letters)) if letters else 0.0


NAMES: Final = (
    *("length", "letters", "digits", "signs", "upper", "kinds", "entropy", "evenness", "changes"),
    *("longest_run", "bits", "longest_bits", "known", "words", "blanks", "hex", "uuid", "base64", "padded"),
    *("number", "identifier", "camel", "path", "address", "template", "call", "hashed", "says_text"),
    *("made_up", "no_value", "repeats", "sequence", "same_as_name"),
    *(f"last_{kind}" for kind in _CLASSES),
    *(f"any_{kind}" for kind in _CLASSES),
    *("name_words", "named", "capitals_name"),
    *("quoted", "equals", "colon", "call_op", "comma", "compare", "blank_op", "hops", "followed_by_call"),
    *("ends_line", "starts_line", "comment", "declared", "line_length", "values_in_line", "dotted_name"),
)


def features(text: str, found: Candidate, habits: Habits) -> list[float]:
    """One number for each of `NAMES`."""
    value = text[found.start : found.end]
    return [*_value(value, habits, found.name), *_name(found.name), *_place(text, found)]


def _value(value: str, habits: Habits, name: str) -> list[float]:
    seen = value[:_GAZE]
    lower = seen.lower()
    return [
        len(value),
        *_signs(seen),
        *_letters(seen, habits),
        *_forms(seen, lower),
        *_talk(seen, lower, name),
    ]


def _signs(value: str) -> list[float]:
    """What the value is made of, by kind of sign."""
    size = len(value)
    digits = sum(map(str.isdigit, value))
    upper = sum(map(str.isupper, value))
    letters = sum(map(str.isalpha, value))
    signs = size - digits - letters
    runs = _RUNS.findall(value)
    entropy = -sum(n / size * math.log2(n / size) for n in Counter(value).values())
    return [
        *(letters / size, digits / size, signs / size, upper / max(1, letters)),
        (digits > 0) + (upper > 0) + (letters > upper) + (signs > 0),
        *(entropy, entropy / max(1.0, math.log2(size)), len(runs) / size, max(map(len, runs)) / size),
    ]


def _letters(value: str, habits: Habits) -> list[float]:
    """How far its letters are words."""
    spelled = _LETTERS.findall(value.lower())
    count = sum(map(len, spelled))
    words = _WORDS.findall(value)
    known = sum(len(w) for w in words if len(w) >= _SHORTEST_WORD and w.lower() in habits.words)
    return [
        sum(habits.bits(run) * len(run) for run in spelled) / max(1, count),
        habits.bits(max(spelled, key=len, default="")),
        known / max(1, count),
        len(words),
        value.count(" "),
    ]


def _forms(value: str, lower: str) -> list[float]:
    """Which other things it may be."""
    return [
        *(_HEX.fullmatch(value) is not None, _UUID.fullmatch(value) is not None),
        *(_BASE64.fullmatch(value) is not None, value.endswith("="), _NUMBER.fullmatch(value) is not None),
        *(_IDENTIFIER.fullmatch(value) is not None, _CAMEL.fullmatch(value) is not None),
        *(_PATH.search(value) is not None, _ADDRESS.search(lower) is not None),
        *(_TEMPLATE.search(value) is not None, _CALL.search(value) is not None),
        *(_HASHED.search(value) is not None, says_text(value)),
    ]


def _talk(value: str, lower: str, name: str) -> list[float]:
    """Whether it was made up to stand for one."""
    return [
        *(sum(map(lower.__contains__, MADE_UP)), lower in NO_VALUE),
        max(Counter(value).values()) / len(value),
        *(_sequence(lower), _alike(lower, name.lower())),
    ]


def _sequence(lower: str) -> float:
    """The share of the value that counts up, down or along the keyboard."""
    threes = len(lower) - 2
    return sum(lower[at : at + 3] in SEQUENCES for at in range(threes)) / max(1, threes)


def _alike(value: str, name: str) -> bool:
    """Whether a value says what its name says."""
    plain, called = _NO_LETTER.sub("", value), _NO_LETTER.sub("", name)
    return len(plain) >= _SHORTEST_WORD and (
        plain in called or (len(called) >= _SHORTEST_WORD and called in plain)
    )


def _name(name: str) -> list[float]:
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    last = words[-1] if words else ""
    return [
        *(last in kind for kind in KINDS.values()),
        *(not kind.isdisjoint(words) for kind in KINDS.values()),
        *(len(words), bool(name), name.isupper()),
    ]


def _place(text: str, found: Candidate) -> list[float]:
    start, end, name, link, quote = found
    begin = max(text.rfind("\n", max(0, start - _LONGEST_LINE), start) + 1, start - _LONGEST_LINE, 0)
    stop = text.find("\n", end, end + _LONGEST_LINE)
    stop = min(len(text), end + _LONGEST_LINE) if stop < 0 else stop
    line = text[begin:stop]
    before = line[: max(0, start - begin - len(name) - len(link))]
    after = text[end : end + 2].lstrip("\"'`")[:1]
    op = link.strip("\"'`\\ \t)]}[")[:2]
    return [
        *(len(quote), op[:1] == "=" and op not in ("==", "=>"), op[:1] == ":", op[:1] == "(", op[:1] == ","),
        *(op in ("==", "!=", "=>", "->"), not op and bool(link), link.count("("), after in ("(", "[", ".")),
        *(not line[end - begin :].strip("\"'`,;)} \t"), not before.strip(" \t\"'-")),
        *(_COMMENT.match(line) is not None, _DECLARED.search(line) is not None),
        *(len(line), line.count("=") + line.count(":"), "." in name),
    ]
