"""Identity, tax and health numbers of Asia, Africa and Oceania. Types are Presidio's where it has them."""

from __future__ import annotations

import re
from typing import Final

from freehold.privacy.detectors._digits import weighted
from freehold.privacy.detectors._kind import any_number, kind, stdnum
from freehold.privacy.detectors._screens import screened, south_africa

_FIN: Final = re.compile(r"[STFGM][0-9]{7}[A-Z]", re.IGNORECASE)
_FIN_WEIGHTS: Final = (2, 7, 6, 5, 4, 3, 2)
_FIN_LETTERS: Final = {
    "S": ("JZIHGFEDCBA", 0),
    "T": ("JZIHGFEDCBA", 4),
    "F": ("XWUTRQPNMLK", 0),
    "G": ("XWUTRQPNMLK", 4),
    "M": ("XWUTRQPNJLK", 3),
}
_MEDICARE_WEIGHTS: Final = (1, 3, 7, 9, 1, 3, 7, 9)
_HK_LETTER: Final = 55  # A is 10
_TW_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
_TW_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 1, 1)
_NHI: Final = re.compile(r"[A-HJ-NP-Z]{3}(?:[0-9]{4}|[0-9]{2}[A-HJ-NP-Z]{2})", re.IGNORECASE)


def _fin(written: str) -> bool:
    """Singapore's check letter: weighted digits modulo 11, by the first letter."""
    if _FIN.fullmatch(written) is None:
        return False
    letters, offset = _FIN_LETTERS[written[0].upper()]
    rest = (weighted(written[1:8], _FIN_WEIGHTS) + offset) % 11
    if written[0].upper() == "M":
        rest = 10 - rest
        letters = "KLJNPQRTUWX"
    return letters[rest] == written[8].upper()


def _medicare(written: str) -> bool:
    """Australia's Medicare card: begins with 2 to 6; the ninth digit is the weighted sum modulo 10."""
    digits = re.sub(r"\D", "", written)
    return digits[0] in "23456" and weighted(digits[:8], _MEDICARE_WEIGHTS) % 10 == int(digits[8])


def _ric(written: str) -> bool:
    """China's identity number: a date of birth and ISO 7064 mod 11-2 (GB 11643-1999), for every place.

    Not by python-stdnum, whose list of places is not complete.
    """
    place, born = written[:2], written[6:14]
    if not ("11" <= place <= "82" and "1900" <= born[:4] <= "2099" and _is_day(born[4:])):
        return False
    total = weighted(written[:17], [pow(2, 17 - at, 11) for at in range(17)])
    return "10X98765432"[total % 11] == written[17].upper()


def _is_day(month_and_day: str) -> bool:
    return "01" <= month_and_day[:2] <= "12" and "01" <= month_and_day[2:] <= "31"


def _hkid(written: str) -> bool:
    """Hong Kong's identity card: weights 9 to 1, the letter as 10 to 35, a blank before one letter as 36."""
    plain = re.sub(r"[()]", "", written).upper()
    values = [36] if len(plain) == len("A1234563") else []
    values += [ord(s) - _HK_LETTER if s.isalpha() else int(s) for s in plain[:-1]]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=False))
    check = 10 if plain[-1] == "A" else int(plain[-1]) if plain[-1].isdigit() else -1
    return (total + check) % 11 == 0


def _twid(written: str) -> bool:
    """Taiwan's identity card: the letter as two digits, weights 1 9 8 … 1 1."""
    if written[1] not in "1289":
        return False
    letter = _TW_LETTERS.index(written[0].upper()) + 10
    return (letter // 10 + letter % 10 * 9 + weighted(written[1:], _TW_WEIGHTS)) % 10 == 0


def _nhi(written: str) -> bool:
    return _NHI.fullmatch(written) is not None


_AADHAAR: Final = "aadhaar*|aadhar*|uid|uidai|आधार"
_KR: Final = "주민등록번호|주민번호|rrn|resident registration*"

ASIA: Final = (
    kind(
        "IN_AADHAAR",
        "9999 9999 9999|9999-9999-9999",
        stdnum("in_.aadhaar"),
        _AADHAAR,
        alone=True,
        forgiving=True,
    ),
    kind("IN_AADHAAR", "999999999999|99999999999999", stdnum("in_.aadhaar"), _AADHAAR, forgiving=True),
    kind(
        "IN_PAN",
        "AAAAA9999A",
        stdnum("in_.pan"),
        "pan|permanent account*|income tax*",
        alone=True,
        forgiving=True,
    ),
    kind("IN_VOTER", "AAA9999999", stdnum("in_.epic"), "voter*|epic|election*", forgiving=True),
    kind("IN_GSTIN", "99AAAAA9999A9A9|99AAAAA9999A9AA", stdnum("in_.gstin"), "gstin|gst", alone=True),
    kind("IN_PASSPORT", "A9999999|A 9999999", any_number, "passport*"),
    kind("SG_NRIC_FIN", "A9999999A", _fin, "nric*|fin|singapore*|ic", alone=True, forgiving=True),
    kind("MY_NRIC", "999999-99-9999", stdnum("my.nric"), "nric|mykad|kad pengenalan|ic", alone=True),
    kind("MY_NRIC", "999999999999", stdnum("my.nric"), "nric|mykad|kad pengenalan|ic"),
    kind("ID_NIK", "9999999999999999", stdnum("id.nik"), "nik|ktp"),
    kind(
        "TH_TNIN",
        "9-9999-99999-99-9|9 9999 99999 99 9",
        stdnum("th.pin"),
        "บัตรประชาชน|thai id*|national id*",
        alone=True,
    ),
    kind("TH_TNIN", "9999999999999", stdnum("th.pin"), "บัตรประชาชน|เลขประจำตัว*|thai*|national id*"),
    kind("PK_CNIC", "99999-9999999-9", stdnum("pk.cnic"), "cnic|nadra", alone=True),
    kind("PH_TIN", "999-999-999-999|999-999-999", any_number, "tin|bir"),
    kind("VN_CCCD", "999999999999", any_number, "cccd|căn cước|cmnd"),
    kind("KR_RRN", "999999-9999999", stdnum("kr.rrn"), _KR, alone=True, forgiving=True),
    kind("KR_RRN", "9999999999999", stdnum("kr.rrn"), _KR),
    kind(
        "JP_MY_NUMBER",
        "9999 9999 9999|9999-9999-9999|999999999999",
        stdnum("jp.in_"),
        "マイナンバー|個人番号|my number|individual number",
    ),
    kind(
        "CN_RESIDENT_ID",
        "999999999999999999|99999999999999999A",
        _ric,
        "身份证*|resident id*|identity card*",
        alone=True,
    ),
    kind("TW_NATIONAL_ID", "A999999999", _twid, "身分證*|national id*|taiwan*", alone=True),
    kind(
        "HK_ID",
        "A999999(9)|A999999(A)|AA999999(9)|AA999999(A)",
        _hkid,
        "hkid*|identity card*|身份證*",
        alone=True,
    ),
    kind("HK_ID", "A9999999|A999999A", _hkid, "hkid*|hong kong id*|身份證*"),
    kind("AU_TFN", "999 999 999|999-999-999|999999999", stdnum("au.tfn"), "tfn|tax file*", forgiving=True),
    kind("AU_ABN", "99 999 999 999", stdnum("au.abn"), "abn|australian business*", alone=True),
    kind("AU_ABN", "99999999999", stdnum("au.abn"), "abn|australian business*"),
    kind("AU_ACN", "999 999 999|999999999", stdnum("au.acn"), "acn|australian company*"),
    kind("AU_MEDICARE", "9999 99999 9", _medicare, "medicare*", alone=True, forgiving=True),
    kind("AU_MEDICARE", "9999999999|9999-99999-9|99999999999", _medicare, "medicare*"),
    kind("NZ_IRD", "99-999-999|999-999-999|999999999|99999999", stdnum("nz.ird"), "ird|inland revenue*"),
    kind("NZ_NHI", "AAA9999|AAA99AA", _nhi, "nhi|national health index"),
    kind(
        "ZA_ID",
        "9999999999999|999999 9999 99 9|999999 9999 999",
        screened(south_africa, "za.idnr"),
        "south african*|id number*|identity*|said|rsa id*",
        alone=True,
    ),
    kind("EG_NID", "99999999999999", any_number, "الرقم القومي|egypt*"),
    kind("NG_NIN", "99999999999", any_number, "nin|nimc|bvn|bank verification*"),
    kind("KE_ID", "99999999", any_number, "kenya*|huduma"),
    kind("AE_EMIRATES_ID", "999-9999-9999999-9|999999999999999", any_number, "emirates id*|eid|هوية"),
    kind("SA_NATIONAL_ID", "9999999999", any_number, "iqama*|saudi id*|absher"),
)
