"""Addresses of crypto currencies, by their own checksums where they have one (Base58Check, Bech32)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from hashlib import sha256
from operator import xor
from typing import Final

from freehold.privacy.detectors._words import words
from freehold.privacy.reading import Reading
from freehold.privacy.span import Span

_TOKEN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{25,110}(?![A-Za-z0-9])")
_SHORTEST: Final = 25
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
# What each of the 32 values that fall out at the top adds.
_ADDED: Final = tuple(
    reduce(xor, (generator for bit, generator in enumerate(_GENERATORS) if top >> bit & 1), 0)
    for top in range(32)
)
_BECH32_CONSTANTS: Final = (1, 0x2BC830A3)  # BIP 173, BIP 350
_PREFIXES: Final = ("bc1", "tb1", "ltc1", "addr1", "cosmos1")
_ETHER: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_MONERO: Final = re.compile(r"[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}")
_BASE58_WORD: Final = re.compile(r"[1-9A-HJ-NP-Za-km-z]{32,44}")
_CONTEXT: Final = words(
    "wallet*", "solana", "sol", "crypto*", "address*", "send", "phantom", "polkadot", "dot"
)
# Version bytes of Base58Check: Bitcoin, Litecoin, Dogecoin, Dash, Tron, Zcash's second is not looked at.
_VERSIONS: Final = frozenset((0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41, 0x6F, 0xC4))


class Detector:
    types = frozenset({"CRYPTO"})

    def find(self, reading: Reading) -> Iterator[Span]:
        if not reading.has_digit or reading.longest < _SHORTEST:
            return
        for match in _TOKEN.finditer(reading.text):
            score = _score(match[0], reading, match)
            if score is not None:
                yield Span(match.start(), match.end(), "CRYPTO", score)


def _score(token: str, reading: Reading, match: re.Match[str]) -> float | None:
    if _ETHER.fullmatch(token) is not None or _MONERO.fullmatch(token) is not None:
        return 0.9
    if token.lower().startswith(_PREFIXES):
        return 1.0 if _bech32(token) else None
    if token[0] in "13LMDXTtAm29n" and len(token) <= len("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2") + 1:
        return 1.0 if _base58check(token, _BASE58) else None
    if token[0] == "r" and len(token) <= len("rG1QQv2nh2gr7RCZ1P8YYcBUKCCN633jCn") + 1:
        return 1.0 if _base58check(token, _RIPPLE) else None
    if _BASE58_WORD.fullmatch(token) is not None and _CONTEXT.search(
        reading.around(match.start(), match.end())
    ):
        return 0.7
    return None


def _base58check(token: str, alphabet: str) -> bool:
    number = 0
    for sign in token:
        place = alphabet.find(sign)
        if place < 0:
            return False
        number = number * 58 + place
    try:
        raw = number.to_bytes(25, "big")
    except OverflowError:
        return False
    if alphabet is _BASE58 and raw[0] not in _VERSIONS:
        return False
    return sha256(sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


def _bech32(token: str) -> bool:
    """BIP 173's checksum; case has to be the same throughout."""
    if token not in (token.lower(), token.upper()):
        return False
    low = token.lower()
    prefix, _, data = low.rpartition("1")
    values = [_BECH32.find(sign) for sign in data]
    if min(values, default=-1) < 0:
        return False
    check = 1
    for value in [ord(s) >> 5 for s in prefix] + [0] + [ord(s) & 31 for s in prefix] + values:
        check = (check & 0x1FFFFFF) << 5 ^ value ^ _ADDED[check >> 25]
    return check in _BECH32_CONSTANTS
