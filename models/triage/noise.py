"""What fingers, phones and other mother tongues do to a text. An order id is one private character here.

It does not know what the text means.
"""

from __future__ import annotations

import random
import re

ID = "\x00"
_WORD = re.compile(r"[A-Za-z']{4,}")
_SHORT = {
    "you": "u",
    "your": "ur",
    "please": "pls",
    "thanks": "thx",
    "are": "r",
    "for": "4",
    "because": "cuz",
    "and": "&",
    "why": "y",
    "with": "w/",
    "about": "abt",
    "what": "wot",
    "people": "ppl",
    "before": "b4",
    "tomorrow": "tmrw",
    "tonight": "2nite",
    "through": "thru",
    "message": "msg",
    "password": "pw",
    "account": "acc",
    "delivery": "dlvry",
    "today": "2day",
    "going to": "gonna",
    "want to": "wanna",
    "something": "sth",
    "good": "gd",
    "know": "kno",
}
_MISSPELT = {
    "receive": "recieve", "received": "recieved", "definitely": "definately", "address": "adress",
    "which": "wich", "their": "there", "because": "becuase", "invoice": "invioce", "cancel": "cancle",
    "refund": "refound", "replacement": "replacment", "delivery": "delivary", "account": "acount",
    "tomorrow": "tommorow", "subscription": "subscribtion", "necessary": "neccessary", "until": "untill",
    "immediately": "immediatly", "broken": "brocken", "parcel": "parcle", "receipt": "reciept",
    "password": "pasword", "really": "realy", "arrived": "arived", "missing": "mising", "wrong": "worng",
    "different": "diffrent", "writing": "writting", "weird": "wierd", "complaint": "complain",
    "exchange": "exchage", "return": "retrun", "order": "oder",
}  # fmt: skip
_ARTICLES = re.compile(r"\b(the|a|an|The|A|An) ")
_SPREAD = "qwertyuiopasdfghjklzxcvbnm"


def disturb(text: str, rng: random.Random) -> str:
    """The text as a hurried, foreign or careless writer would have left it; often unchanged."""
    if rng.random() < 0.06:
        text = _ARTICLES.sub(lambda hit: "" if rng.random() < 0.7 else hit[0], text)
    if rng.random() < 0.12:
        text = _replace(text, _SHORT, rng, 0.6)
    if rng.random() < 0.15:
        text = _replace(text, _MISSPELT, rng, 0.6)
    if rng.random() < 0.12:
        rate = rng.choice((0.03, 0.05))
        text = _WORD.sub(lambda hit: _typo(hit[0], rng) if rng.random() < rate else hit[0], text)
    return _punctuation(text, rng)


def recase(text: str, rng: random.Random, capitals: float) -> str:
    """All small (often) or all capital (a share of ``capitals``). After the ids are in: they change too."""
    dice = rng.random()
    if dice < 0.15:
        return text.lower()
    return text.upper() if dice < 0.15 + capitals else text


def _punctuation(text: str, rng: random.Random) -> str:
    if rng.random() < 0.12:
        text = text.replace("'", "")
    elif rng.random() < 0.08:
        text = text.replace("'", "’")
    if rng.random() < 0.07:
        text = re.sub(r"[.,](?=\s|$)", "", text)
    if rng.random() < 0.05:
        text = re.sub(r"\.(?=\s|$)", lambda _: rng.choice(("...", "!!", " .", "!")), text)
    if rng.random() < 0.03:
        text = text.replace(" ", "  ", rng.randint(1, 3))
    return text


def _replace(text: str, table: dict[str, str], rng: random.Random, rate: float) -> str:
    words = text.split(" ")
    return " ".join(table[word] if word in table and rng.random() < rate else word for word in words)


def _typo(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    return word[:at] + rng.choice(_SPREAD) + word[at + 1 :]
