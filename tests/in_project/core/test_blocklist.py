"""The blocklist of common passwords."""

import random
import secrets
import string
from importlib.resources import files

import pytest

from app.core.auth.blocklist import Blocklist

ADDRESS = "Ada.Lovelace@example.com"


@pytest.fixture(scope="module")
def blocklist() -> Blocklist:
    return Blocklist.read("My Service")


@pytest.fixture(scope="module")
def common_passwords() -> list[str]:
    """The passwords in the file, the most common first."""
    return files("app.core.auth").joinpath("common_passwords.txt").read_text().split()


FULL_WIDTH = 0xFEE0  # the distance from an ASCII character to its full-width form
COMMON = [
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv",
    "2026password2026!!",
    "1234567890123456",
    "123456789012345",
    "241287241287241287",
    "P@ssw0rdP@ssw0rd",
    "PASSWORDpassword",
    "Password1234567!",
    "a" * 15,
    "a" * 128,
    "abc123abc123abc123",
    "abcabcabcabcabc",
    "abcdefghijklmnop",
    "zyxwvutsrqponmlk",
    "administrator12",
    "iloveyouiloveyo",
    "letmein-letmein-letmein",
    "pass word pass word",
    "monkeymonkey2026",
    "p@ssw0rdp@ssw0rd1",
    "thisismypassword1234567890123",
    "passwordpassword",
    "polniypizdec0211",
    "qwertyuiopasdfgh",
    "zaq12wsxcde34rfv",
    "йцукенгшщзхъфыва",
    *(
        "".join(chr(ord(sign) + FULL_WIDTH) for sign in text)
        for text in ("passwordpassword", "PASSWORD1234567")
    ),
    " " * 15,
    "🦊" * 15,
]


@pytest.mark.parametrize("password", COMMON)
def test_variations_of_common_passwords_are_rejected(blocklist: Blocklist, password: str) -> None:
    """PWD-05"""
    assert blocklist.refuses(password, [])


def test_common_passwords_repeated_to_the_minimum_length_are_rejected(
    blocklist: Blocklist, common_passwords: list[str]
) -> None:
    """PWD-05. ASVS 6.2.4 requires the 3000 most common passwords of sufficient length."""
    long = {(password * 15)[: max(15, len(password))] for password in common_passwords[:5000]}

    refused = {password for password in long if blocklist.refuses(password, [])}

    assert len(refused) > 4500
    assert all(blocklist.refuses(each, []) for each in common_passwords)


@pytest.mark.parametrize(
    "password",
    [
        "ada.lovelace@example.com",
        "ADA.LOVELACE@example.com!",
        "ada.lovelace1815",
        "AdaLovelace1815",
        "Ada-Lovelace-1815",
        "!!ada.lovelace!!",
        "my-service-12345",
        "MyServiceMyService",
        "My Service 2026!",
    ],
)
def test_passwords_made_from_the_address_or_service_name_are_rejected(
    blocklist: Blocklist, password: str
) -> None:
    """PWD-05, ASVS 6.2.11"""
    assert blocklist.refuses(password, [ADDRESS])
    assert not Blocklist([]).refuses(password, [])


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("jonathan.smith1985@example.com", "jonathan.smith1985"),
        ("jonathan.smith1985@example.com", "Jonathan.Smith1985!"),
        ("jonathan.smith1985@example.com", "JonathanSmith2026"),
        ("jonathan_smith_@example.com", "jonathan_smith_"),
        ("2fast.2furious+news@example.com", "2fast.2furious+news"),
        ("1985-jonathan@example.com", "jonathanjonathan"),
    ],
)
def test_passwords_made_from_an_address_with_digits_or_signs_are_rejected(
    blocklist: Blocklist, address: str, password: str
) -> None:
    """PWD-05, ASVS 6.2.11"""
    assert blocklist.refuses(password, [address])


@pytest.mark.parametrize(
    "password",
    [
        "testpassword123",
        "correct horse battery staple",
        "correcthorsebatterystaple",
        "корректнаялошадь",
        "мама мыла раму утром",
        "738291047583920",
        "73829104",
        "x" * 72 + "AAAA",
        "monkey 4929 1120 3388 9271",
        "ada loves her engine",
        "ein Pferd im Regen",
        "canary-in-the-coal-mine",
        "the tree by the river",
        "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🐤🦆",
        "🦊 🐻 🐼 🐨 🐯 🦁 🐮",
        "   lead  and  trail   ",
    ],
)
def test_uncommon_passwords_of_any_kind_are_accepted(blocklist: Blocklist, password: str) -> None:
    """PWD-04"""
    assert not blocklist.refuses(password, [ADDRESS])


def test_random_passwords_are_almost_never_rejected(blocklist: Blocklist) -> None:
    """PWD-04"""
    source = random.Random(1)  # noqa: S311 - reproducible, not secret
    for characters in (string.digits, string.ascii_lowercase, string.printable):
        made = ["".join(source.choices(characters, k=15)) for _ in range(2000)]

        assert sum(blocklist.refuses(password, [ADDRESS]) for password in made) <= 2
    assert not blocklist.refuses(secrets.token_urlsafe(24), [ADDRESS])
