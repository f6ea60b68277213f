"""Identity, tax and health numbers of Europe and its neighbours. Types are Presidio's where it has them."""

from __future__ import annotations

import re
from typing import Final

from freehold.privacy.detectors._digits import weighted
from freehold.privacy.detectors._kind import any_number, kind, stdnum
from freehold.privacy.detectors._screens import (
    baltic,
    belgium,
    norway,
    poland,
    romania,
    screened,
    switzerland,
    turkey,
    yugoslavia,
)

_NINO: Final = re.compile(
    r"(?!BG|GB|NK|KN|TN|NT|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z](?:[ \-]?[0-9]{2}){3}[ \-]?[A-D]",
    re.IGNORECASE,
)
_UK_LICENCE: Final = re.compile(
    r"[A-Z9]{5}[0-9][0156][0-9][0-3][0-9]{2}[A-Z9]{2}[A-Z0-9][A-Z]{2}", re.IGNORECASE
)
_UK_LICENCE_FORMS: Final = "|".join(
    f"{name}999999{tail}AA"
    for name in ("AAAAA", "AAAA9", "AAA99", "AA999")
    for tail in ("AA9", "A99", "AAA", "A9A")
)
_RVNR: Final = re.compile(r"[0-9]{2} ?[0-3][0-9][0-9]{4} ?[A-Z] ?[0-9]{3}", re.IGNORECASE)
_RVNR_WEIGHTS: Final = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
_SNILS_WEIGHTS: Final = tuple(range(9, 0, -1))


def _nino(written: str) -> bool:
    """Prefixes that are given out, and A to D at the end (HMRC, NIM39110)."""
    return _NINO.fullmatch(written) is not None


def _uk_licence(written: str) -> bool:
    return _UK_LICENCE.fullmatch(written) is not None


def _rvnr(written: str) -> bool:
    """Germany's pension number: digit sums of weighted digits, the letter as its place (VKVV, section 2)."""
    if _RVNR.fullmatch(written) is None:
        return False
    plain = written.replace(" ", "").upper()
    digits = f"{plain[:8]}{ord(plain[8]) - 64:02}{plain[9:11]}"
    sums = (sum(map(int, str(int(d) * w))) for d, w in zip(digits, _RVNR_WEIGHTS, strict=True))
    return sum(sums) % 10 == int(plain[11])


def _snils(written: str) -> bool:
    """Russia's SNILS: the weighted sum modulo 101 (Pension Fund of the Russian Federation)."""
    digits = re.sub(r"\D", "", written)
    return weighted(digits[:9], _SNILS_WEIGHTS) % 101 % 100 == int(digits[9:])


_ES: Final = "dni|nif|nie|documento*|identidad"
_SWEDISH: Final = "personnummer*|personnr|pnr|personal identity*"
_UK_HEALTH: Final = "nhs*|health*|patient*"

EUROPE: Final = (
    kind(
        "UK_NINO",
        "AA999999A|AA 99 99 99 A|AA-99-99-99-A|AA 999999 A",
        _nino,
        "nino|national insurance*|ni",
        alone=True,
    ),
    kind("UK_NHS", "999 999 9999|999-999-9999|9999999999", stdnum("gb.nhs"), _UK_HEALTH, forgiving=True),
    kind("UK_UTR", "9999999999|99999 99999", stdnum("gb.utr"), "utr|unique taxpayer*|self assessment"),
    kind("UK_DRIVING_LICENCE", _UK_LICENCE_FORMS, _uk_licence, "driv*|licen*|dvla", alone=True),
    kind(
        "ES_NIF",
        "99999999A|99999999-A|99999999 A|99.999.999-A",
        stdnum("es.dni"),
        _ES,
        alone=True,
        forgiving=True,
    ),
    kind("ES_NIE", "A9999999A|A-9999999-A|A9999999-A", stdnum("es.nie"), _ES, alone=True),
    kind("ES_SSN", "999999999999|99/99999999/99|99 99999999 99", any_number, "seguridad social|nuss|naf"),
    kind(
        "IT_FISCAL_CODE",
        "AAAAAA99A99A999A",
        stdnum("it.codicefiscale"),
        "codice fiscale|fiscal*|c.f.|cf",
        alone=True,
        forgiving=True,
    ),
    kind("IT_VAT_CODE", "99999999999", stdnum("it.iva"), "partita iva|p.iva|p. iva|piva|vat*"),
    kind(
        "IT_IDENTITY_CARD",
        "AA99999AA|AA9999999|9999999AA",
        any_number,
        "carta d'identità|carta di identità|identity card*|identità",
    ),
    kind("IT_DRIVER_LICENSE", "AA9999999A", any_number, "patente*|driv*"),
    kind(
        "FR_NIR",
        "9 99 99 99 999 999 99|999999999999999|9 99 99 99 999 999|9 99 99 9A 999 999 99|999999A99999999",
        stdnum("fr.nir"),
        "sécurité sociale|securite sociale|nir|sécu|insee|carte vitale",
        alone=True,
    ),
    kind("FR_TIN", "99 99 999 999 999|9999999999999", any_number, "numéro fiscal|fiscal|spi|impôts"),
    kind(
        "DE_TAX_ID",
        "99 999 999 999|99999999999",
        stdnum("de.idnr"),
        "steuer*|idnr|tin|identifikationsnummer",
        forgiving=True,
    ),
    kind(
        "DE_RVNR",
        "99999999A999|99 999999 A 999",
        _rvnr,
        "rente*|sozialversicherung*|rvnr|sv-nummer|versicherung*",
        alone=True,
    ),
    kind(
        "DE_ID_CARD",
        "A99AA99A9|AAAAA99A9|AA99AA9A9|A999999999|A99999999",
        any_number,
        "personalausweis*|ausweis*|reisepass*|passnummer",
    ),
    kind(
        "AT_SSN",
        "9999 999999|9999999999|9999-999999",
        stdnum("at.vnr"),
        "sozialversicherung*|svnr|sv-nummer|versicherungsnummer",
    ),
    kind(
        "CH_AHV",
        "999.9999.9999.99|999 9999 9999 99|9999999999999",
        screened(switzerland, "ch.ssn"),
        "ahv*|avs|social security",
        alone=True,
    ),
    kind(
        "NL_BSN",
        "999999999|9999.99.999|9999 99 999|999 999 999",
        stdnum("nl.bsn"),
        "bsn*|burgerservicenummer*|sofinummer",
    ),
    kind(
        "BE_NN",
        "99.99.99-999.99|99999999999|99 99 99 999 99",
        screened(belgium, "be.nn"),
        "rijksregister*|registre national|niss|insz|national number",
        alone=True,
    ),
    kind("LU_SSN", "9999999999999", any_number, "matricule|sécurité sociale"),
    kind("PT_NIF", "999999999|999 999 999", stdnum("pt.nif"), "nif|contribuinte|número fiscal"),
    kind("PT_CC", "99999999 9 AA9|999999999AA9", stdnum("pt.cc"), "cartão de cidadão|cc|cidadão", alone=True),
    kind("IE_PPS", "9999999A|9999999AA", stdnum("ie.pps"), "pps*|personal public*", alone=True),
    kind(
        "FI_PERSONAL_IDENTITY_CODE",
        "999999-999A|999999-9999|999999A999A|999999A9999|999999+999A",
        stdnum("fi.hetu"),
        "hetu|henkilötunnus*|personal identity*|personal id*",
        alone=True,
    ),
    kind(
        "SE_PERSONNUMMER",
        "999999-9999|99999999-9999",
        stdnum("se.personnummer"),
        _SWEDISH,
        alone=True,
    ),
    kind(
        "SE_PERSONNUMMER",
        "999999999999|9999999999",
        stdnum("se.personnummer"),
        _SWEDISH,
    ),
    kind(
        "NO_FODSELSNUMMER",
        "99999999999|999999 99999",
        screened(norway, "no.fodselsnummer"),
        "fødselsnummer*|fodselsnummer*|personnummer*",
        alone=True,
    ),
    kind("DK_CPR", "999999-9999", stdnum("dk.cpr"), "cpr*|personnummer*", alone=True),
    kind("DK_CPR", "9999999999", stdnum("dk.cpr"), "cpr*|personnummer*"),
    kind("IS_KENNITALA", "999999-9999", stdnum("is_.kennitala"), "kennitala|kt", alone=True),
    kind("PL_PESEL", "99999999999", screened(poland, "pl.pesel"), "pesel*", alone=True, forgiving=True),
    kind("PL_ID_CARD", "AAA999999|AAA 999999", any_number, "dowód*|dowod*|dowodu|dowodzie"),
    kind("PL_NIP", "999-999-99-99|999-99-99-999|9999999999", stdnum("pl.nip"), "nip"),
    kind("CZ_RC", "999999/9999|999999/999", stdnum("cz.rc"), "rodné číslo|rodne cislo|rč|rodné", alone=True),
    kind("CZ_RC", "9999999999", stdnum("cz.rc"), "rodné číslo|rodne cislo|rč|rodné"),
    kind("HU_TAJ", "999 999 999|999-999-999|999999999", any_number, "taj*|társadalombiztosítási"),
    kind("HR_OIB", "99999999999", stdnum("hr.oib"), "oib"),
    kind("SI_EMSO", "9999999999999", screened(yugoslavia, "si.emso"), "emšo|emso", alone=True),
    kind("RS_JMBG", "9999999999999", screened(yugoslavia, "si.emso"), "jmbg|emso"),
    kind("RO_CNP", "9999999999999", screened(romania, "ro.cnp"), "cnp|cod numeric*", alone=True),
    kind("BG_EGN", "9999999999", stdnum("bg.egn"), "егн|egn"),
    kind("EE_ISIKUKOOD", "99999999999", screened(baltic, "ee.ik"), "isikukood*|personal code", alone=True),
    kind(
        "LT_ASMENS_KODAS", "99999999999", screened(baltic, "lt.asmens"), "asmens*|personal code", alone=True
    ),
    kind("LV_PERSONAS_KODS", "999999-99999", stdnum("lv.pvn"), "personas kod*|personal code", alone=True),
    kind("GR_AMKA", "99999999999", stdnum("gr.amka"), "αμκα|amka"),
    kind("GR_AFM", "999999999", stdnum("gr.vat"), "αφμ|afm|vat"),
    kind("RU_SNILS", "999-999-999 99|999-999-999-99", _snils, "снилс|snils", alone=True),
    kind("RU_INN", "999999999999", stdnum("ru.inn"), "инн|inn"),
    kind("UA_RNTRC", "9999999999", stdnum("ua.rntrc"), "рнокпп|іпн|ідентифікаційний*|rntrc"),
    kind("TR_TCKN", "99999999999", screened(turkey, "tr.tckimlik"), "kimlik*|tckn|t.c.|tc", alone=True),
    kind("IL_ID", "999999999|99999999-9", stdnum("il.idnr"), "teudat*|זהות|israeli id*|t.z."),
)
