"""Ways to write a value so that a reader understands it and a pattern does not. One function a way.

Each takes a `random.Random` and the value; two parts where a way splits a message. Knows no detector.
"""

from __future__ import annotations

import json
import quopri
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from random import Random
from typing import Final
from urllib.parse import quote, quote_plus

Way = Callable[[Random, str], "str | tuple[str, ...]"]

_SPOKEN: Final = {
    "English": "zero one two three four five six seven eight nine",
    "German": "null eins zwei drei vier fünf sechs sieben acht neun",
    "French": "zéro un deux trois quatre cinq six sept huit neuf",
    "Spanish": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "Italian": "zero uno due tre quattro cinque sei sette otto nove",
    "Dutch": "nul een twee drie vier vijf zes zeven acht negen",
    "Portuguese": "zero um dois três quatro cinco seis sete oito nove",
    "Russian": "ноль один два три четыре пять шесть семь восемь девять",
}
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_TEENS: Final = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_LOOKS: Final = {
    "A": "АΑ", "B": "ВΒ", "C": "СϹ", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "J": "Ј", "K": "КΚ", "M": "МΜ",
    "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ΥҮ", "Z": "Ζ", "0": "OОΟ",
    "1": "lI", "3": "З", "6": "б",
}  # fmt: skip


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum() or sign == "+")


def _dressed(zero: int) -> Way:
    """Digits of a script whose zero is at this code point."""
    return lambda _, text: "".join(chr(zero + int(sign)) if sign in "0123456789" else sign for sign in text)


def _apart(*between: str) -> Way:
    """Every sign from the next by one of these."""
    return lambda rng, text: rng.choice(between).join(_bare(text))


def _strewn(between: str) -> Way:
    """One of these at chance places."""
    return lambda rng, text: "".join(
        sign + (rng.choice(between) if rng.random() < 0.6 else "") for sign in text[:-1]
    ) + text[-1]  # fmt: skip


def _groups(rng: Random, text: str) -> list[str]:
    """The groups it has, or new ones of two to four signs."""
    groups = [group for group in re.split(r"[^A-Za-z0-9+]+", text) if group]
    if len(groups) > 2:
        return groups
    whole, groups = _bare(text), []
    size = rng.choice((2, 3, 4))
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def _grouped(*between: str, around: tuple[str, str] = ("", "")) -> Way:
    """Groups with one of these between them, each with `around` at its sides."""
    return lambda rng, text: rng.choice(between).join(
        f"{around[0]}{g}{around[1]}" for g in _groups(rng, text)
    )


def _some(mark: str) -> Way:
    """Some of the groups between two `mark`s."""

    def way(rng: Random, text: str) -> str:
        groups = _groups(rng, text)
        marked = rng.sample(range(len(groups)), k=max(1, len(groups) // 2))
        close = mark.replace("<", "</") if mark.startswith("<") else mark
        return " ".join(f"{mark}{g}{close}" if at in marked else g for at, g in enumerate(groups))

    return way


def _full_width(_: Random, text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def _partly_full_width(rng: Random, text: str) -> str:
    return "".join(_full_width(rng, sign) if rng.random() < 0.5 else sign for sign in text)


def _keycaps(_: Random, text: str) -> str:
    return "".join(f"{sign}\ufe0f\u20e3" if sign in "0123456789" else sign for sign in text)


def _circled(_: Random, text: str) -> str:
    return "".join("⓪①②③④⑤⑥⑦⑧⑨"[int(sign)] if sign in "0123456789" else sign for sign in text)


def _superscript(_: Random, text: str) -> str:
    return "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(sign)] if sign in "0123456789" else sign for sign in text)


def _alike(share: float) -> Way:
    def way(rng: Random, text: str) -> str:
        return "".join(rng.choice(_LOOKS[c]) if c in _LOOKS and rng.random() < share else c for c in text)

    return way


def _latin_alike(_: Random, text: str) -> str:
    return text.replace("0", "O").replace("1", "I")


def _latin_alike_small(_: Random, text: str) -> str:
    return text.replace("0", "o").replace("1", "l")


def _spelled(language: str, between: str = " ", *, shout: bool = False) -> Way:
    words = _SPOKEN[language].split()

    def way(_: Random, text: str) -> str:
        said = between.join(words[int(s)] if s in "0123456789" else s for s in _bare(text))
        return said.upper() if shout else said

    return way


def _in_pairs(_: Random, text: str) -> str:
    bare, said, at = _bare(text), [], 0
    while at < len(bare):
        pair = bare[at : at + 2]
        if len(pair) == 2 and pair.isdigit() and pair[0] != "0":
            ten, one = int(pair[0]), int(pair[1])
            ones = "" if one == 0 else f"-{_SPOKEN['English'].split()[one]}"
            said.append(_TEENS[one] if ten == 1 else _TENS[ten - 2] + ones)
            at += 2
        else:
            said.append(_SPOKEN["English"].split()[int(bare[at])] if bare[at].isdigit() else bare[at])
            at += 1
    return " ".join(said)


def _partly_spelled(rng: Random, text: str) -> str:
    words = _SPOKEN["English"].split()
    return " ".join(words[int(s)] if s in "0123456789" and rng.random() < 0.5 else s for s in _bare(text))


def _double(_: Random, text: str) -> str:
    words = dict(zip("0123456789", _SPOKEN["English"].split(), strict=True))
    runs = [run[0] for run in re.finditer(r"(.)\1?", _bare(text))]
    return " ".join(("double " if len(run) == 2 else "") + words.get(run[0], run[0]) for run in runs)


def _based(encoding: str, *, safe: bool = False, pad: bool = True, width: int = 0, around: str = "{}") -> Way:
    def way(_: Random, text: str) -> str:
        raw = around.format(text).encode(encoding)
        said = (urlsafe_b64encode if safe else b64encode)(raw).decode()
        said = said if pad else said.rstrip("=")
        return "\n".join(said[at : at + width] for at in range(0, len(said), width)) if width else said

    return way


def _twice_based(_: Random, text: str) -> str:
    return b64encode(b64encode(text.encode())).decode()


def _hex(between: str = "", before: str = "", *, upper: bool = False) -> Way:
    def way(_: Random, text: str) -> str:
        return between.join(
            f"{before}{byte:02X}" if upper else f"{before}{byte:02x}" for byte in text.encode()
        )

    return way


def _url(times: int, share: float = 1.0) -> Way:
    def way(rng: Random, text: str) -> str:
        said = "".join(f"%{b:02X}" if rng.random() < share else quote(chr(b)) for b in text.encode())
        for _ in range(times - 1):
            said = quote(said, safe="")
        return said

    return way


def _signs(form: Callable[[int], str], share: float = 1.0) -> Way:
    return lambda rng, text: "".join(form(ord(c)) if rng.random() < share else c for c in text)


def _quoted_printable_lines(_: Random, text: str) -> str:
    return "=\n".join(text[at : at + 6] for at in range(0, len(text), 6))


def _in_two(rng: Random, text: str) -> tuple[str, ...]:
    at = rng.randrange(2, len(text) - 2)
    return text[:at], text[at:]


WAYS: Final[dict[str, Way]] = {
    "as it is": lambda _, text: text,
    "full width": _full_width,
    "partly full width": _partly_full_width,
    "mathematical bold": _dressed(0x1D7CE),
    "mathematical double": _dressed(0x1D7D8),
    "mathematical mono": _dressed(0x1D7F6),
    "Arabic-Indic": _dressed(0x660),
    "Persian": _dressed(0x6F0),
    "Devanagari": _dressed(0x966),
    "Bengali": _dressed(0x9E6),
    "Thai": _dressed(0xE50),
    "segmented": _dressed(0x1FBF0),
    "circled": _circled,
    "superscript": _superscript,
    "keycaps": _keycaps,
    "zero width": _strewn("\u200b\u200c\u200d\u2060\ufeff"),
    "soft hyphens": _strewn("\u00ad"),
    "direction marks": _strewn("\u200e\u200f\u202a\u2066"),
    "struck through": _strewn("\u0336"),
    "odd blanks": _apart("\u2009", "\u202f", "\u2003", "\u00a0"),
    "look-alikes": _alike(0.3),
    "look-alikes, all": _alike(1.0),
    "O and I": _latin_alike,
    "o and l": _latin_alike_small,
    "spaced": _apart(" ", "  ", "\t"),
    "underscored": _apart("_", "__"),
    "dotted": _apart(".", "·", "•", "..."),
    "dashed": _apart("-", " - ", "–", "—"),
    "slashed": _apart("/", "\\", "|"),
    "commas": _apart(",", ", ", ";"),
    "in lines": _apart("\n", "\r\n", "\n\n"),
    "groups in lines": _grouped("\n", "\r\n", " \n"),
    "groups by signs": _grouped("_", "*", "~", ":", " / ", " | ", " ... "),
    "groups in brackets": _grouped(" ", "", around=("(", ")")),
    "groups in quotes": _grouped(", ", " + ", around=('"', '"')),
    "a list": _grouped("\n", around=("- ", "")),
    "a table": _grouped(" | "),
    "JSON of digits": lambda _, text: json.dumps([*_bare(text)]),
    "JSON of groups": lambda rng, text: json.dumps(_groups(rng, text)),
    "bold, HTML": _some("<b>"),
    "emphasis, HTML": _some("<em>"),
    "spans": _grouped("", " ", around=('<span class="d">', "</span>")),
    "comments, HTML": _grouped("<!-- -->", "<!--x-->"),
    "breaks, HTML": _grouped("<br>", "<br/>", "<wbr>", "&nbsp;", "&thinsp;", "&shy;", "&zwnj;"),
    "bold, Markdown": _some("**"),
    "code, Markdown": _some("`"),
    "italic, Markdown": _grouped("", " ", around=("*", "*")),
    "LaTeX": _grouped(r"\,", "~", r"\ ", "{}"),
    "spelled, English": _spelled("English"),
    "spelled, dashes": _spelled("English", "-"),
    "spelled, commas": _spelled("English", ", "),
    "spelled, loud": _spelled("English", shout=True),
    "spelled, German": _spelled("German"),
    "spelled, French": _spelled("French"),
    "spelled, Spanish": _spelled("Spanish"),
    "spelled, Italian": _spelled("Italian"),
    "spelled, Dutch": _spelled("Dutch"),
    "spelled, Portuguese": _spelled("Portuguese"),
    "spelled, Russian": _spelled("Russian"),
    "spelled, in pairs": _in_pairs,
    "spelled, partly": _partly_spelled,
    "spelled, double": _double,
    "base64": _based("utf-8"),
    "base64, URL-safe": _based("utf-8", safe=True, around="it is: {}?"),
    "base64, unpadded": _based("utf-8", pad=False),
    "base64, in lines": _based("utf-8", width=12),
    "base64, UTF-16": _based("utf-16-le"),
    "base64, UTF-16 with mark": _based("utf-16"),
    "base64, UTF-16 big": _based("utf-16-be"),
    "base64 of JSON": _based("utf-8", around='{{"number": "{}"}}'),
    "base64 of a sentence": _based("utf-8", around="the number you asked for is {} - thanks"),
    "base64 twice": _twice_based,
    "hex": _hex(),
    "hex, large": _hex(upper=True),
    "hex, spaced": _hex(" "),
    "hex, colons": _hex(":"),
    "hex, 0x": _hex(", ", "0x"),
    "hex, \\x": _hex("", "\\x"),
    "hex, UTF-16": lambda _, text: text.encode("utf-16-le").hex(),
    "URL": lambda _, text: quote(text, safe=""),
    "URL, form": lambda _, text: quote_plus(text),
    "URL, all": _url(1),
    "URL, partly": _url(1, 0.4),
    "URL, twice": _url(2),
    "URL, three times": _url(3),
    "entities": _signs(lambda c: f"&#{c};"),
    "entities, hex": _signs(lambda c: f"&#x{c:X};"),
    "entities, partly": _signs(lambda c: f"&#{c};", 0.4),
    "entities, padded": _signs(lambda c: f"&#{c:05};"),
    "entities, open": _signs(lambda c: f"&#{c} "),
    "entities, twice": _signs(lambda c: f"&amp;#{c};"),
    "\\u": _signs(lambda c: f"\\u{c:04x}"),
    "\\u, partly": _signs(lambda c: f"\\u{c:04X}", 0.5),
    "\\u{}": _signs(lambda c: f"\\u{{{c:x}}}"),
    "\\U": _signs(lambda c: f"\\U{c:08x}"),
    "\\\\u": _signs(lambda c: f"\\\\u{c:04x}"),
    "octal": _signs(lambda c: f"\\{c:03o}"),
    "U+": _signs(lambda c: f"U+{c:04X} "),
    "character codes": lambda _, text: " ".join(str(ord(sign)) for sign in text),
    "quoted-printable": lambda _, text: quopri.encodestring(text.encode(), quotetabs=True).decode(),
    "quoted-printable, all": _signs(lambda c: f"={c:02X}"),
    "quoted-printable, lines": _quoted_printable_lines,
    "two parts": _in_two,
}
