"""What numbers without a check digit are called, and how they are written.

Types are Presidio's where it has them.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Row(NamedTuple):
    """`names` are phrases between `|`; `strong` ones are enough, others want a "number", "id", "#" or ":"."""

    type: str
    names: str
    value: re.Pattern[str]
    strong: bool = False


def _value(expression: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{expression})(?![A-Za-z0-9]|[\-/][A-Za-z0-9])", re.IGNORECASE)


_CODE: Final = _value(r"[#*]?[A-Z0-9](?:[A-Z0-9]|[\-/._](?=[A-Z0-9])){3,27}")
_PASSPORT: Final = _value(r"[A-Z]{0,3} ?[0-9]{2} ?[0-9]{4,7}[A-Z]?|[A-Z]{1,3}[A-Z0-9]{6,8}|[A-Z0-9]{9}")
_ACCOUNT: Final = _value(r"[A-Z]{0,10}[\- ]?[0-9](?:[ \-]?[0-9]){5,19}[A-Z]?|[A-Z]{2,10}[A-Z0-9]{6,20}")
_PLATE: Final = _value(r"[A-ZÄÖÜ0-9]{1,4}[ \-·.]?[A-Z0-9]{1,4}(?:[ \-·.]?[A-Z0-9]{1,4}){0,2}")

ROWS: Final = (
    Row(
        "US_PASSPORT",
        "passport|pasaporte|passeport|passaporto|reisepass|reisepassnummer|passnummer|passaporte"
        "|paszport|paszportu|паспорт|паспорта|护照|护照号|paspoort|pass nr",
        _PASSPORT,
        strong=True,
    ),
    Row(
        "US_DRIVER_LICENSE",
        "driver s license|driver s licence|drivers license|drivers licence|driver license"
        "|driver licence|driving license|driving licence|dl|dln|führerschein|führerscheinnummer"
        "|fuehrerschein|permis de conduire|patente di guida|patente|licencia de conducir"
        "|permiso de conducir|rijbewijs|rijbewijsnummer|cnh|carta de condução|prawo jazdy",
        _CODE,
        strong=True,
    ),
    Row(
        "US_DRIVER_LICENSE",
        "license|licence",
        _CODE,
    ),
    Row(
        "US_BANK_NUMBER",
        "account|accounts|acct|acc|accnum|accno|a c|iban|bank account|kontonummer|konto|kontonr"
        "|compte|rib|cuenta|conto|conta|rekening|rekeningnummer|beneficiary|savings|checking"
        "|chequing|deposit|brokerage|demat|konta",
        _ACCOUNT,
    ),
    Row(
        "US_BANK_NUMBER",
        "bank account|savings account|checking account|account number|account no|acct no"
        "|kontonummer|rekeningnummer|acct",
        _ACCOUNT,
        strong=True,
    ),
    Row(
        "BANK_ROUTING",
        "routing|aba|rtn|transit",
        _value("[0-9]{9}|[0-9]{4}-[0-9]{4}-[0-9]|[0-9]{5}-[0-9]{3}"),
        strong=True,
    ),
    Row(
        "BANK_ROUTING",
        "sort code|sortcode|bsb|bankleitzahl|blz",
        _value(r"[0-9]{2}[\- ]?[0-9]{2}[\- ]?[0-9]{2}|[0-9]{3}-?[0-9]{3}|[0-9]{8}"),
        strong=True,
    ),
    Row(
        "BANK_ROUTING",
        "swift|bic|swift bic|bic swift|swiftcode",
        _value("[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"),
        strong=True,
    ),
    Row(
        "BANK_ROUTING",
        "ifsc|micr",
        _value("[A-Z]{4}[A-Z0-9]{7}|[0-9]{9}"),
        strong=True,
    ),
    Row(
        "CARD_CODE",
        "cvv|cvv2|cvc|cvc2|csc|security code|card verification|verification value|prüfziffer",
        _value("[0-9]{3,4}"),
        strong=True,
    ),
    Row(
        "CARD_CODE",
        "pin|pin code|atm pin|card pin|pin number",
        _value("[0-9]{4,8}"),
        strong=True,
    ),
    Row(
        "MEDICAL_RECORD",
        "mrn|medical record|patient record|medical file|health record|patient id|patient number"
        "|patient no|fallnummer|patientennummer|medical rec|nhs|patient identifier"
        "|hospital number|health plan beneficiary",
        _CODE,
        strong=True,
    ),
    Row(
        "MEDICAL_RECORD",
        "patient|chart|encounter|hospital|medical",
        _CODE,
    ),
    Row(
        "INSURANCE_ID",
        "insurance|policy|policyholder|policy holder|insurance policy|insurance card"
        "|versicherungsnummer|versichertennummer|versicherung|member|membership|subscriber|group"
        "|health plan|medicaid|medicare|hicn|póliza|polizza|apólice|beneficiary|claim|insured"
        "|plan",
        _CODE,
    ),
    Row(
        "TAX_ID",
        "tax|tax id|taxpayer|taxpayer id|tin|ein|atin|itin|vat|steuernummer|steuer|ustid|ust idnr"
        "|gstin|abn|fiscal|tax identification|federal tax|nif|cif|rfc|partita iva|codice fiscale"
        "|tax reference|utr",
        _CODE,
    ),
    Row(
        "PERSONAL_ID",
        "national|citizen|personal|identity|resident|voter|alien|student|employee|staff"
        "|personnel|badge|military|inmate|suspect|customer|licensee|applicant"
        "|cedula|cédula|nin|matrícula|mitarbeiter|kundennummer|personalausweis"
        "|personalausweisnummer|ausweis|ausweisnummer|personalnummer|aadhaar|aadhar|pan|ssn|nif"
        "|dni|donor|prisoner|immigration|visa|work permit|identification|identity card"
        "|id card|national id|green card|residence permit|cnic|nric|membership|loyalty"
        "|frequent flyer|social security|social insurance|social security number|carte d identité"
        "|numéro de sécurité sociale|documento|matricola|registro",
        _CODE,
    ),
    Row(
        "LICENSE_PLATE",
        "plate|plates|license plate|licence plate|number plate|numberplate|registration plate"
        "|kennzeichen|matrícula|matricula|immatriculation|immatriculée|plaque|targa|kenteken"
        "|tablica rejestracyjna|vrn|placa|placas|vehicle registration|car registration"
        "|registration|reg|tag|license plates|amtliches kennzeichen|rego",
        _PLATE,
    ),
    Row(
        "LICENSE_PLATE",
        "license plate|licence plate|number plate|numberplate|registration plate|kennzeichen"
        "|targa|kenteken|plaque d immatriculation|vehicle registration|plate",
        _PLATE,
        strong=True,
    ),
    Row(
        "VEHICLE_ID",
        "vin|chassis|vehicle identification|fahrgestellnummer|fin|vehicle id",
        _value("[A-HJ-NPR-Z0-9]{11,17}"),
        strong=True,
    ),
    Row(
        "DEVICE_ID",
        "imei|meid|imsi|iccid|udid|idfa|esn",
        _value(
            r"[0-9]{2}[\- ]?[0-9]{6}[\- ]?[0-9]{6}[\- ]?[0-9]{1,2}|[0-9]{14,20}|[A-Z0-9]{8,24}"
            r"|[A-F0-9]{8}(?:-[A-F0-9]{4}){3}-[A-F0-9]{12}"
        ),
        strong=True,
    ),
    Row(
        "DEVICE_ID",
        "device|device serial|advertising",
        _value(r"[A-Z0-9]{8,24}|[A-F0-9]{8}(?:-[A-F0-9]{4}){3}-[A-F0-9]{12}"),
    ),
    Row(
        "LICENSE_NUMBER",
        "professional|nursing|bar|pharmacy|dea|pilot|contractor|certificate|medical license"
        "|medical licence|nursing license|practice|physician|npi|professional license"
        "|board certification",
        _CODE,
    ),
)

# Between a name and its value: they carry no meaning of their own.
FILLERS: Final = frozenset(
    [
        "a",
        "account",
        "an",
        "and",
        "are",
        "as",
        "bearing",
        "being",
        "below",
        "by",
        "card",
        "carrying",
        "code",
        "current",
        "das",
        "de",
        "del",
        "der",
        "details",
        "di",
        "die",
        "el",
        "ending",
        "es",
        "est",
        "file",
        "following",
        "for",
        "given",
        "goes",
        "has",
        "have",
        "her",
        "here",
        "his",
        "holder",
        "id",
        "identification",
        "identifier",
        "ids",
        "ihre",
        "il",
        "im",
        "in",
        "including",
        "is",
        "issued",
        "ist",
        "it",
        "its",
        "la",
        "lautet",
        "le",
        "like",
        "listed",
        "ma",
        "mein",
        "meine",
        "mit",
        "mon",
        "my",
        "n",
        "new",
        "no",
        "nr",
        "num",
        "number",
        "numbers",
        "numero",
        "nummer",
        "numéro",
        "nº",
        "número",
        "of",
        "old",
        "on",
        "our",
        "provided",
        "read",
        "reads",
        "record",
        "ref",
        "reference",
        "registered",
        "s",
        "sa",
        "say",
        "says",
        "seine",
        "showed",
        "that",
        "the",
        "their",
        "this",
        "to",
        "und",
        "under",
        "used",
        "using",
        "valid",
        "was",
        "with",
        "your",
        "è",
        "é",
    ]
)
LINKS: Final = frozenset(
    [
        "code",
        "es",
        "est",
        "id",
        "identification",
        "identifier",
        "ids",
        "is",
        "ist",
        "lautet",
        "like",
        "n",
        "no",
        "nr",
        "num",
        "number",
        "numbers",
        "numero",
        "nummer",
        "numéro",
        "nº",
        "número",
        "read",
        "reads",
        "ref",
        "reference",
        "under",
        "was",
    ]
)
