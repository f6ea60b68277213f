"""Identity and tax numbers of the Americas. Types are Presidio's where it has them."""

from __future__ import annotations

import re
from typing import Final

from freehold.privacy.detectors._digits import luhn
from freehold.privacy.detectors._kind import any_number, kind, stdnum

_SSN: Final = re.compile(r"(?!000|666|9)[0-9]{3}\D?(?!00)[0-9]{2}\D?(?!0000)[0-9]{4}")
_TAX: Final = "tax id*|tin|taxpayer*|tax number*"
_DEA: Final = re.compile(r"[ABCDEFGHJKLMPRSTUXabcdefghjklmprstux][A-Za-z9][0-9]{7}")
_NPI_PREFIX: Final = "80840"
_MBI: Final = re.compile(r"[1-9][A-Z][A-Z0-9][0-9]-?[A-Z][A-Z0-9][0-9]-?[A-Z]{2}[0-9]{2}", re.IGNORECASE)
_MBI_FORMS: Final = "|".join(f"9A{a}9{dash}A{b}9{dash}AA99" for a in "A9" for b in "A9" for dash in ("-", ""))


def _ssn(written: str) -> bool:
    """No area 000, 666 or 9xx, no group 00, no serial 0000 (Social Security Administration)."""
    return _SSN.fullmatch(written) is not None and len(set(written)) > len("1-2")


def _dea(written: str) -> bool:
    """The 1st, 3rd and 5th digit and twice the others end in the 7th (US Drug Enforcement Administration)."""
    if _DEA.fullmatch(written) is None:
        return False
    digits = [int(sign) for sign in written[2:]]
    return (sum(digits[0:5:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def _npi(written: str) -> bool:
    """NPI: Luhn over 80840 and the number (45 CFR 162.406)."""
    return written[0] in "12" and luhn(_NPI_PREFIX + re.sub(r"\D", "", written))


def _mbi(written: str) -> bool:
    return _MBI.fullmatch(written) is not None


AMERICAS: Final = (
    kind(
        "US_SSN",
        "999-99-9999|999.99.9999",
        _ssn,
        "ssn*|social security*|soc sec*|ss#",
        alone=True,
        forgiving=True,
    ),
    kind(
        "US_SSN", "999 99 9999", _ssn, "ssn*|social security*|soc sec*|ss#|social", alone=True, forgiving=True
    ),
    kind("US_SSN", "999999999", _ssn, "ssn*|social security*|soc sec*|ss#|social", forgiving=True),
    kind("US_ITIN", "999-99-9999|999 99 9999|999999999", stdnum("us.itin"), f"itin*|{_TAX}", forgiving=True),
    kind("US_ITIN", "999-99-9999", stdnum("us.itin"), f"itin*|{_TAX}", alone=True),
    kind("US_EIN", "99-9999999", any_number, f"ein|employer identification*|federal tax*|{_TAX}"),
    kind("US_NPI", "9999999999|9999-999-999", _npi, "npi|national provider*"),
    kind("US_MBI", _MBI_FORMS, _mbi, "mbi|medicare*|beneficiary", alone=True),
    kind(
        "MEDICAL_LICENSE", "AA9999999|A99999999", _dea, "dea|licen*|prescri*|medical|doctor|dr|physician|md"
    ),
    kind(
        "CA_SIN",
        "999-999-999",
        stdnum("ca.sin"),
        "sin|sin#|social insurance*|nas",
        alone=True,
        forgiving=True,
    ),
    kind(
        "CA_SIN", "999 999 999|999999999", stdnum("ca.sin"), "sin|sin#|social insurance*|nas", forgiving=True
    ),
    kind("BR_CPF", "999.999.999-99|999999999-99", stdnum("br.cpf"), "cpf|cpf/mf", alone=True, forgiving=True),
    kind("BR_CPF", "99999999999", stdnum("br.cpf"), "cpf|cpf/mf|contribuinte|brasil*|brazil*"),
    kind(
        "MX_CURP",
        "AAAA999999AAAAAA99|AAAA999999AAAAAAA9",
        stdnum("mx.curp"),
        "curp",
        alone=True,
        forgiving=True,
    ),
    kind(
        "MX_RFC",
        "AAAA999999AAA|AAAA999999A99|AAAA999999AA9|AAAA999999A9A|AAAA9999999AA|AAAA99999999A|AAAA9999999A9|AAAA999999999",
        stdnum("mx.rfc"),
        "rfc|contribuyente*",
        alone=True,
    ),
    kind(
        "CL_RUT", "99.999.999-9|99.999.999-A|9.999.999-9|9.999.999-A", stdnum("cl.rut"), "rut|run", alone=True
    ),
    kind("CL_RUT", "99999999-9|99999999-A|9999999-9|9999999-A|999999999", stdnum("cl.rut"), "rut|run|chile*"),
    kind("AR_CUIT", "99-99999999-9", stdnum("ar.cuit"), "cuit|cuil", alone=True, forgiving=True),
    kind("AR_CUIT", "99999999999", stdnum("ar.cuit"), "cuit|cuil"),
    kind("AR_DNI", "99.999.999|99999999", any_number, "dni|documento nacional*"),
    kind("CO_NIT", "999.999.999-9|999999999-9|9999999999", stdnum("co.nit"), "nit|rut|cédula*|cedula*"),
    kind("CO_CC", "9.999.999.999|99.999.999|9999999999", any_number, "cédula*|cedula*|c.c."),
    kind("PE_DNI", "99999999", any_number, "dni"),
    kind("EC_CI", "9999999999|999999999-9", stdnum("ec.ci"), "cédula*|cedula*|ci"),
    kind("UY_CI", "9.999.999-9|9999999-9", any_number, "cédula*|cedula*|ci|c.i."),
    kind("DO_CEDULA", "999-9999999-9", stdnum("do.cedula"), "cédula*|cedula*", alone=True),
    kind("DO_CEDULA", "99999999999", stdnum("do.cedula"), "cédula*|cedula*"),
    kind("GT_NIT", "9999999-9|99999999|9999999-A", stdnum("gt.nit"), "nit"),
)
