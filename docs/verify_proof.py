"""Checks what `freehold audit prove REQUEST --json` printed. Needs no Freehold.

    python verify_proof.py proof.json [checkpoint.json]

The tree is that of RFC 6962, section 2.1; the way up is that of RFC 9162, section 2.1.3.2. The signature
(Ed25519, RFC 8032) needs `pip install cryptography`. A checkpoint.json is one that you kept yourself, from
`freehold audit checkpoint --json`; then prove with `--checkpoint checkpoint.json`.
"""

import base64
import hashlib
import json
import sys

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ModuleNotFoundError:
    sys.exit("checking the signature needs a library: pip install cryptography")


def sha256(data):
    return hashlib.sha256(data).digest()


def root_of(proof):
    """The root that a tree has which holds this leaf in this place."""
    at, last = proof["index"], proof["tree_size"] - 1
    if not 0 <= at <= last:
        sys.exit("not proven: the tree has no such place")
    digest = sha256(b"\x00" + base64.b64decode(proof["leaf"]))
    for beside in map(bytes.fromhex, proof["path"]):
        if last == 0:
            sys.exit("not proven: the path is too long")
        if at % 2 == 1 or at == last:
            digest = sha256(b"\x01" + beside + digest)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            digest = sha256(b"\x01" + digest + beside)
        at, last = at // 2, last // 2
    if last != 0:
        sys.exit("not proven: the path is too short")
    return digest.hex()


def check_signature(checkpoint):
    lines = ["freehold audit checkpoint 1", checkpoint["origin"], str(checkpoint["tree_size"])]
    signed = "\n".join([*lines, checkpoint["root"], checkpoint["time"], ""]).encode()
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(checkpoint["public_key"]))
    try:
        key.verify(bytes.fromhex(checkpoint["signature"]), signed)
    except InvalidSignature:
        sys.exit("not proven: the signature is not of this checkpoint")


def main(proof_file="proof.json", checkpoint_file=None):
    with open(proof_file, encoding="utf-8") as file:
        proof = json.load(file)
    checkpoint = proof["checkpoint"]
    if checkpoint_file is not None:
        with open(checkpoint_file, encoding="utf-8") as file:
            checkpoint = json.load(file)
    check_signature(checkpoint)
    for part in [proof, *proof["sent"]]:
        if part["tree_size"] != checkpoint["tree_size"] or root_of(part) != checkpoint["root"]:
            sys.exit("not proven: the checkpoint is of another tree")
        print(f"proven: {base64.b64decode(part['leaf']).decode()}")
    print(f"in the log of {checkpoint['origin']}, signed {checkpoint['time']} by {checkpoint['public_key']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
