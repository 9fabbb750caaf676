"""Request bodies that are slow to parse or to validate, at or beyond the limits of the service."""

import json
from dataclasses import dataclass

EMAIL, PASSWORD = "owner@example.com", "correct horse battery staple"
TOKEN, REFRESH = "/api/v1/auth/token", "/api/v1/auth/refresh"
USERS, ITEMS = "/api/v1/users", "/api/v1/items"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
JSON = "application/json"
MAX_BODY = 1_048_576
MAX_FORM = 8192
VALUES = 9_990
MOST_DIGITS = 4300  # the longest integer that Python parses
PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request, which is anonymous unless it is for the items."""

    name: str
    path: str
    media_type: str
    content: bytes


def forms() -> list[Body]:
    """Return forms that need no account."""
    contents = {
        "escapes": b"%41" * (MAX_BODY // 3),
        "separators": b"&" * MAX_BODY,
        "8 KiB of escapes": b"%41" * (MAX_FORM // 3),
        "8 KiB of separators": b"&" * MAX_FORM,
        "20 fields of escapes": b"&".join([b"a=" + b"%41" * 130] * 20),
    }
    parts = {
        "8 KiB of almost boundaries": PART + b"\r\n--bx" * (MAX_FORM // 6 - 20),
        "padding after a boundary": PART + b"\r\n--b" + b" " * (MAX_BODY - 100),
    }
    return [
        *(Body(f"form: {name}", TOKEN, FORM, content) for name, content in contents.items()),
        *(Body(f"multipart: {name}", TOKEN, MULTIPART, part) for name, part in parts.items()),
    ]


def json_bodies() -> list[Body]:
    """Return JSON with an unknown member, for operations that need no account."""
    values = {
        "numbers": _array(b"0", MAX_BODY // 2),
        "lists in lists": _array(b"[[[]]]", MAX_BODY // 7),
        "200,000 deep": b"[" * 200_000,
        "10,000 lists": _array(b"[]", VALUES // 2),
        "10,000 members": json.dumps(dict.fromkeys(map(str, range(VALUES)), 0)).encode(),
        "10,000 texts": _array(b'"' + b"\\n" * 40 + b'"', VALUES),
        "10,000 long numbers": _array(b"0." + b"1" * 90, VALUES),
        "the longest integers": _array(b"9" * MOST_DIGITS, MAX_BODY // (MOST_DIGITS + 1)),
        "a text of escapes": b'"' + b"\\u00e9" * (MAX_BODY // 6 - 20) + b'"',
        "a text of quotes and brackets": b'"' + b'[{,\\"' * (MAX_BODY // 5 - 20) + b'"',
    }
    return [
        Body(f"JSON: {name}", REFRESH, JSON, _in_member(value)) for name, value in values.items()
    ]


def texts() -> list[Body]:
    """Return texts that are rejected only by validation."""
    user = {"email": EMAIL, "password": PASSWORD}
    item = {"name": "Lamp", "price": "1", "quantity": 1}
    names = {"invisible": "\u0301" * (MAX_BODY // 2 - 100), "long": "a" * (MAX_BODY - 200)}
    digits = "9" * (MAX_BODY - 200)
    return [
        *(
            Body(f"a name: {how}", USERS, JSON, _dump(user | {"full_name": name}))
            for how, name in names.items()
        ),
        Body("an address", USERS, JSON, _dump(user | {"email": "a@" + "\u00e4." * 120 + "com"})),
        Body("a password of marks", USERS, JSON, _dump(user | {"password": "\u0301\u0327" * 256})),
        Body("a price of digits", ITEMS, JSON, _dump(item | {"price": digits})),
        Body(
            "tags that are integers",
            ITEMS,
            JSON,
            _dump(item)[:-1] + b', "tags": ' + _array(b"9" * MOST_DIGITS, 240) + b"}",
        ),
        Body("an item", ITEMS, JSON, _dump(item)),
    ]


def _array(value: bytes, number: int) -> bytes:
    return b"[" + b",".join([value] * (number - 20)) + b"]"


def _in_member(value: bytes) -> bytes:
    return b'{"unknown":' + value + b"}"


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
