"""Each kind of value is found where it stands, and what only looks like one is left alone."""

from __future__ import annotations

import pytest
from tests.privacy.found import found

from freehold.privacy import all_types, detector_names, load_detector
from freehold.privacy.reading import Reading

# What python-stdnum gives as valid, and the words beside it where the number alone is too weak.
NATIONAL = [
    ("US_SSN", "521-44-9382", ""),
    ("US_SSN", "521449382", "SSN"),
    ("US_ITIN", "912-90-3456", ""),
    ("US_EIN", "94-2841935", "EIN"),
    ("US_NPI", "1234567893", "NPI"),
    ("US_MBI", "1EG4-TE5-MK73", ""),
    ("MEDICAL_LICENSE", "AB1234563", "DEA"),
    ("CA_SIN", "123-456-782", ""),
    ("BR_CPF", "390.533.447-05", ""),
    ("MX_CURP", "BOXW310820HNERXN09", ""),
    ("MX_RFC", "GODE561231GR8", ""),
    ("CL_RUT", "12531909-2", "RUT"),
    ("AR_CUIT", "20-05536168-2", ""),
    ("CO_NIT", "213.123.432-1", "NIT"),
    ("EC_CI", "171430710-3", "cédula"),
    ("DO_CEDULA", "001-1391820-5", ""),
    ("UK_NHS", "943-476-5870", "NHS"),
    ("UK_NINO", "AB 12 34 56 C", ""),
    ("UK_UTR", "1955839661", "UTR"),
    ("UK_DRIVING_LICENCE", "MORGA753116SM9IJ", ""),
    ("ES_NIF", "54362315K", ""),
    ("ES_NIE", "X-2482300-W", ""),
    ("IT_FISCAL_CODE", "RCCMNL83S18D969H", ""),
    ("IT_VAT_CODE", "00743110157", "partita IVA"),
    ("FR_NIR", "2 95 10 99 126 111 93", ""),
    ("DE_TAX_ID", "36 574 261 809", "Steuer-ID"),
    ("DE_RVNR", "65 170839 J 003", ""),
    ("AT_SSN", "1237 010180", "SVNR"),
    ("CH_AHV", "756.9217.0769.85", ""),
    ("NL_BSN", "111222333", "BSN"),
    ("BE_NN", "85.07.30-033.28", ""),
    ("PT_NIF", "501 964 843", "NIF"),
    ("PT_CC", "00000000 0 ZZ4", ""),
    ("IE_PPS", "6433435F", ""),
    ("FI_PERSONAL_IDENTITY_CODE", "131052-308T", ""),
    ("SE_PERSONNUMMER", "880320-0016", ""),
    ("NO_FODSELSNUMMER", "15108695088", ""),
    ("DK_CPR", "211062-5629", ""),
    ("IS_KENNITALA", "120174-3399", "kennitala"),
    ("PL_PESEL", "44051401359", "PESEL"),
    ("PL_NIP", "856-734-62-15", "NIP"),
    ("CZ_RC", "710319/2745", ""),
    ("HR_OIB", "33392005961", "OIB"),
    ("SI_EMSO", "0101006500006", "EMŠO"),
    ("RO_CNP", "1630615123457", ""),
    ("BG_EGN", "7523169263", "ЕГН"),
    ("EE_ISIKUKOOD", "36805280109", "isikukood"),
    ("LT_ASMENS_KODAS", "33309240064", "asmens kodas"),
    ("LV_PERSONAS_KODS", "161175-19997", ""),
    ("GR_AMKA", "01013099997", "ΑΜΚΑ"),
    ("RU_INN", "123456789047", "ИНН"),
    ("RU_SNILS", "112-233-445 95", ""),
    ("UA_RNTRC", "1759013776", "РНОКПП"),
    ("TR_TCKN", "17291716060", "T.C. kimlik"),
    ("IL_ID", "03933742-3", "teudat zehut"),
    ("IN_AADHAAR", "2341 2341 2346", ""),
    ("IN_PAN", "ACUPA7085R", ""),
    ("IN_VOTER", "WKH1186253", "voter ID"),
    ("SG_NRIC_FIN", "S1234567D", ""),
    ("MY_NRIC", "770305-02-1234", ""),
    ("TH_TNIN", "3-1006-00445-63-5", ""),
    ("PK_CNIC", "34201-0891231-8", ""),
    ("KR_RRN", "971013-9019902", ""),
    ("JP_MY_NUMBER", "6214 9832 0257", "マイナンバー"),
    ("CN_RESIDENT_ID", "360426199101010071", ""),
    ("TW_NATIONAL_ID", "A123456789", ""),
    ("HK_ID", "A123456(3)", ""),
    ("AU_TFN", "123 456 782", "TFN"),
    ("AU_ABN", "83 914 571 673", ""),
    ("AU_MEDICARE", "2123 45670 1", ""),
    ("NZ_IRD", "49-098-576", "IRD"),
    ("ZA_ID", "7503305044089", ""),
]
OTHERS = [
    ("CREDIT_CARD", "4539 1488 0343 6467"),
    ("CREDIT_CARD", "371449635398431"),
    ("CREDIT_CARD", "3714-496353-98431"),
    ("CREDIT_CARD", "30569309025904"),
    ("CREDIT_CARD", "6011111111111117"),
    ("CREDIT_CARD", "3530111333300000"),
    ("CREDIT_CARD", "2223003122003222"),
    ("CREDIT_CARD", "6200000000000005"),
    ("CREDIT_CARD", "4222222222222"),
    ("IBAN_CODE", "GB29 NWBK 6016 1331 9268 19"),
    ("IBAN_CODE", "DE89370400440532013000"),
    ("IBAN_CODE", "NO93-8601-1117-947"),
    ("EMAIL_ADDRESS", "jane.o'neil+news@mail.example.co.uk"),
    ("EMAIL_ADDRESS", "jürgen@müller.de"),
    ("EMAIL_ADDRESS", "jane [at] example [dot] com"),
    ("PHONE_NUMBER", "+49 151 23456789"),
    ("PHONE_NUMBER", "(555) 123-4567"),
    ("PHONE_NUMBER", "555.123.4567 x89"),
    ("PHONE_NUMBER", "020 7946 0958"),
    ("PHONE_NUMBER", "01 23 45 67 89"),
    ("PHONE_NUMBER", "98765 43210"),
    ("PHONE_NUMBER", "0151/23456789"),
    ("IP_ADDRESS", "192.168.3.44"),
    ("IP_ADDRESS", "2001:db8::8a2e:370:7334"),
    ("MAC_ADDRESS", "00:1b:63:84:45:e6"),
    ("CRYPTO", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
    ("CRYPTO", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    ("CRYPTO", "0x742d35Cc6634C0532925a3b844Bc454e4438f44e"),
    ("VEHICLE_ID", "1M8GDM9AXKP042788"),
]
NAMED = [
    ("US_PASSPORT", "My passport number is XG9382049.", "XG9382049"),
    ("US_DRIVER_LICENSE", "driver's license: D245-938-19-203", "D245-938-19-203"),
    ("US_BANK_NUMBER", "my bank account no. 3847283911", "3847283911"),
    ("BANK_ROUTING", "routing number 061000104", "061000104"),
    ("BANK_ROUTING", "sort code 20-00-00", "20-00-00"),
    ("CARD_CODE", "the CVV is 123", "123"),
    ("MEDICAL_RECORD", "Patient ID: AHC-0933289", "AHC-0933289"),
    ("INSURANCE_ID", "insurance policy #88291-LK", "88291-LK"),
    ("TAX_ID", "her tax ID number is XX-8812-77", "XX-8812-77"),
    ("PERSONAL_ID", "employee ID 127854", "127854"),
    ("LICENSE_PLATE", "license plate 7ABC123", "7ABC123"),
    ("LICENSE_PLATE", "Kennzeichen B-MW 1234", "B-MW 1234"),
    ("DEVICE_ID", "IMEI 490154203237518", "490154203237518"),
    ("DATE_OF_BIRTH", "born on 12 March 1985", "12 March 1985"),
    ("DATE_OF_BIRTH", "DOB: 03/12/1985", "03/12/1985"),
    ("DATE_OF_BIRTH", "geboren am 12.03.1985", "12.03.1985"),
]
CLEAN = [
    "Order 48213 of 2023-10-12 at 14:33:21 cost $1,234.56; the parcel weighs 12.5 kg.",
    "Compute 123456 * 7891011 and round to 4 digits.",
    "The years 1999-2003, chapters 10.1.2.3 and version 10.0.19041.1 are fine.",
    "Call std::vector<int>::begin() and a::b; see 127.0.0.1:8400 and ::1.",
    "1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144 — what comes next?",
    "Population 331 449 281, area 9 833 520 km2, UUID 123e4567-e89b-12d3-a456-426614174000.",
    "commit 5d41402abc4b2a76b9719d911017c592 broke icon@2x.png, see git@github.com:org/repo.git",
    "ISBN 978-3-16-148410-0, part 4539-1488, flight LH1234 on 24 December 2025.",
    "How do I reset my password? I forgot the password to my account.",
    "SELECT * FROM users WHERE id = 12345 AND created > 1700000000",
]


def test_the_detectors_are_the_files_of_their_folder() -> None:
    assert {"credit_card", "iban", "phone", "national_ids", "secret"} <= set(detector_names())
    for name in detector_names():
        assert load_detector(name).types <= all_types()
    with pytest.raises(KeyError):
        load_detector("_words")


@pytest.mark.parametrize(("type_", "number", "words"), NATIONAL, ids=lambda value: str(value) or "alone")
def test_a_national_number_is_found(type_: str, number: str, words: str) -> None:
    text = f"Please note {words} {number}, thank you."
    assert (type_, number) in found(text)


@pytest.mark.parametrize(("type_", "value"), OTHERS)
def test_a_value_is_found_as_it_is_written(type_: str, value: str) -> None:
    assert found(f"Here it is: {value}, as agreed.") == [(type_, value)]
    assert found(value) == [(type_, value)]


@pytest.mark.parametrize(("type_", "text", "value"), NAMED)
def test_a_value_is_found_by_its_name(type_: str, text: str, value: str) -> None:
    assert found(text) == [(type_, value)]


@pytest.mark.parametrize("text", CLEAN)
def test_what_only_looks_like_something_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("good", "bad"), [
    ("4539 1488 0343 6467", "4539 1488 0343 6468"),
    ("GB29 NWBK 6016 1331 9268 19", "GB29 NWBK 6016 1331 9268 18"),
    ("RCCMNL83S18D969H", "RCCMNL83S18D969A"),
    ("54362315K", "54362315A"),
    ("756.9217.0769.85", "756.9217.0769.86"),
    ("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"),
    ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp"),
    ("1M8GDM9AXKP042788", "1M8GDM9A1KP042788"),
])  # fmt: skip
def test_a_wrong_check_digit_is_no_value(good: str, bad: str) -> None:
    assert found(f"see {good} here") != []
    assert found(f"see {bad} here") == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Please deliver to 10 Downing Street, London SW1A 2AA", "10 Downing Street, London SW1A 2AA"),
        ("Meet at 12 Baker Street, London NW1 6XE.", "12 Baker Street, London NW1 6XE"),
        (
            "4 Privet Drive, Little Whinging, Surrey RG12 9FG",
            "4 Privet Drive, Little Whinging, Surrey RG12 9FG",
        ),
        ("At Flat 3, 17 High Road, Leeds, LS6 2AB since May", "Flat 3, 17 High Road, Leeds, LS6 2AB"),
        ("742 Evergreen Terrace, Springfield, IL 62704", "742 Evergreen Terrace, Springfield, IL 62704"),
        ("We met at 48 Long Lane. He left.", "48 Long Lane"),
        ("In 1998 Wall Street crashed.", None),
        ("The top 10 Street Foods of 2024", None),
        ("10 Dr. Smith episodes, 5 St. Louis players", None),
    ],
)
def test_a_street_address_is_found_by_its_own_words(text: str, address: str | None) -> None:
    found = [text[span.start : span.end] for span in load_detector("street").find(Reading(text))]
    assert found == ([] if address is None else [address])
