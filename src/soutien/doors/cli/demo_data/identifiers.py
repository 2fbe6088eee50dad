"""Identifiers that cannot be anybody's: right where software checks them, impossible elsewhere.

- NIR: département 00, which does not exist, with a right key;
- RPPS and AM numbers: first digit 0, which no real number has; the RPPS with its Luhn digit;
- FINESS: département 00, with its Luhn digit;
- funds: caisse 999 of a real regime, which does not exist; its centre is the département;
- IBAN: bank 00999 and branch 00999, which do not exist, with right keys;
- telephone: the ranges that Arcep keeps for fiction; e-mail: the domain .test (RFC 2606).
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date

from soutien.doors.cli.demo_data.chances import SEED
from soutien.doors.cli.demo_data.names import folded

DOMAIN = "exemple.test"
_NIR_MODULUS = 97
_FUND_CAISSE = "999"
_RIB_MODULUS = 97
_NO_BANK = "00999"
_ACCOUNTS_OF = {"payer": 0, "person": 1, "psychologist": 2}
FUND_REGIMES = {
    "general": "01",
    "regime_local_alsace_moselle": "01",
    "msa": "02",
    "special": "08",
    "none": "01",  # State medical aid
}
# A fund's code has digits only.
_CORSICA = {"2A": "201", "2B": "202"}
# First digits of the numbers for fiction, by the part of the country they belong to.
_FICTION = {
    "ile-de-france": "019900",
    "north-west": "026191",
    "north-east": "035301",
    "south-east": "046571",
    "south-west": "053649",
    "mobile": "063998",
}
_PARTS = {
    "ile-de-france": "75 77 78 91 92 93 94 95",
    "north-west": "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85",
    "north-east": "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90",
    "south-east": "01 03 04 05 06 07 11 13 15 26 30 34 38 42 43 48 63 66 69 73 74 83 84 2A 2B",
    "south-west": "09 12 16 17 19 23 24 31 32 33 40 46 47 64 65 79 81 82 86 87",
}
_PART_OF = {code: part for part, codes in _PARTS.items() for code in codes.split()}


def public_id(*what: object) -> uuid.UUID:
    """The same UUID at every run, in the form of a random one."""
    digest = hashlib.blake2b("|".join([SEED, *map(str, what)]).encode(), digest_size=16).digest()
    return uuid.UUID(bytes=digest, version=4)


def with_luhn(digits: str) -> str:
    """The digits and their Luhn check digit."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    plain_sum = sum(int(digit) for digit in digits[-2::-2])
    return f"{digits}{-(doubled + plain_sum) % 10}"


def rpps(number: int) -> str:
    """Eleven digits, the last a Luhn digit; ``number`` up to 99,999,999."""
    return with_luhn(f"00{number:08}")


def am_number(number: int) -> str:
    """Nine digits in a département that does not exist; ``number`` up to 9,999,999."""
    return f"00{number:07}"


def finess(number: int) -> str:
    """Nine digits in a département that does not exist, the last a Luhn digit."""
    return with_luhn(f"00{number:06}")


def nir(number: int, *, born_on: date, sex: int) -> str:
    """Thirteen characters and the key; ``sex`` 1 or 2, ``number`` up to 999,999."""
    first = f"{sex}{born_on:%y%m}00{number // 1000 % 1000:03}{number % 1000:03}"
    return f"{first}{_NIR_MODULUS - int(first) % _NIR_MODULUS:02}"


def fund_code(regime: str, departement: str) -> str:
    """Regime (2), caisse (3), centre (4): ``019990069`` for the general scheme in the Rhône."""
    centre = _CORSICA.get(departement, departement)
    return f"{FUND_REGIMES[regime]}{_FUND_CAISSE}{centre:0>4}"


def insurer_code(number: int) -> str:
    """Ten digits that begin as no insurer's number does."""
    return f"00999{number + 1:05}"


def iban(number: int, *, of: str = "payer") -> str:
    """Twenty-seven characters, with the key of the account and that of the IBAN.

    ``of`` keeps apart the numbers of people, of psychologists and of payers.
    """
    account = f"{_ACCOUNTS_OF[of]}{number:010}"
    bank = int(_NO_BANK)
    key = _RIB_MODULUS - (89 * bank + 15 * bank + 3 * int(account)) % _RIB_MODULUS
    told = f"{_NO_BANK}{_NO_BANK}{account}{key:02}"
    # F and R are 15 and 27 in the key of an IBAN.
    return f"FR{98 - int(f'{told}152700') % _RIB_MODULUS:02}{told}"


def member_number(number: int) -> str:
    """Eight digits, as insurers write on their cards."""
    return f"9{number:07}"


def telephone(number: int, departement: str, *, mobile: bool = False) -> str:
    """A number that nobody has; the 10,000 of a range are given out again and again."""
    part = "mobile" if mobile else _PART_OF.get(departement, "mobile")
    return f"{_FICTION[part]}{number % 10_000:04}"


def email(given_name: str, family_name: str, number: int) -> str:
    """An address in a domain that never exists."""
    return f"{folded(f'{given_name} {family_name}').replace(' ', '.')}.{number}@{DOMAIN}"
