"""Words that names of secrets and of other things are made of, and words of placeholders. Knows no text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What a name's words say of its value. The model learns what each is worth.
KINDS: Final[Mapping[str, frozenset[str]]] = {
    "password": _set("password passwd pwd pass passphrase passcode pword pw userpass dbpass phrase psk"),
    "secret": _set("secret secrets clientsecret"),
    "token": _set("token tokens jwt bearer accesstoken refreshtoken verifier csrf xsrf session cookie sid"),
    "key": _set("key apikey keys secretkey privatekey accesskey appkey masterkey"),
    "auth": _set("auth authorization authentication credential credentials creds cred authkey login"),
    "salt": _set("salt nonce hmac seed"),
    "signature": _set("signature sig digest mac"),
    "api": _set("api client private access app master admin root db database service refresh oauth"),
    "public": _set("public pub foreign primary unique sort cache partition lookup index translation"),
    "about": _set(
        "id name names type types url uri path file filename dir field fields header headers label length len"
        " size min max count error errors message msg class method func algorithm alg format prefix suffix"
        " param params column table host port user username email mode policy validator reset view form input"
        " hint help title text description expires expiry expiration ttl timeout version event code enabled"
        " provider endpoint manager store storage backend handler factory generator parser attribute attr"
        " property usage"
    ),
    "sealed": _set(
        "encrypted hash hashed checksum sha sha256 md5 fingerprint digest encoded thumbprint iv aad tag"
        " ciphertext protected payload kid epk apu apv etag revision commit integrity ssh cert"
    ),
    "unreal": _set("test fake dummy example sample mock wrong invalid bad expected"),
}
# Members of signed and encrypted messages that everyone may read (RFC 7515, 7516, 7517).
OPEN: Final = _set(
    "protected unprotected header encrypted_key iv ciphertext tag aad payload signature signatures kid x5c"
    " x5t x y n e epk apu apv integrity"
)
# Parts of placeholders, and whole values that hold nothing.
MADE_UP: Final = (
    *("your", "example", "sample", "placeholder", "change", "dummy", "insert", "enter", "redacted"),
    *("replace", "todo", "fake", "lorem", "foo", "bar", "baz", "test", "mock", "demo", "xxx", "***", "some"),
    *("random", "invalid", "wrong", "default", "abc", "qwerty", "1234", "0000", "1111"),
)
NO_VALUE: Final = _set(
    "none null nil undefined true false yes no required optional string str int bool number boolean object"
    " bytes text any void default self this get set on off auto file data value list dict array function"
)
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz 0123456789 zyxwvutsrqponmlkjihgfedcba 9876543210 qwertyuiop asdfghjkl zxcvbnm"
)
# Three signs that count up, down or along the keyboard.
SEQUENCES: Final = frozenset(_ROWS[at : at + 3] for at in range(len(_ROWS) - 2))
