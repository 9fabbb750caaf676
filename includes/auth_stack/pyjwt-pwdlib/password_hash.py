"""Password hashes by pwdlib: new hashes use Argon2id; old bcrypt hashes are still accepted."""

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

# The minimum of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
ARGON2 = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
CONTEXT = PasswordHash((ARGON2, BcryptHasher()))


def get_password_hash(password: str) -> str:
    """Return a new hash of `password`. Hashing takes about 20 ms on one core, and 19 MiB."""
    return CONTEXT.hash(password)


def verify_password(password: str | bytes, hashed_password: str) -> bool:
    """Return whether the password matches the hash; `False` for a hash of an unknown kind."""
    try:
        return CONTEXT.verify(password, hashed_password)
    except UnknownHashError:
        return False


def needs_rehash(hashed_password: str) -> bool:
    """Return whether the hash is outdated: its algorithm or a parameter is not the current one."""
    return not ARGON2.identify(hashed_password) or ARGON2.check_needs_rehash(hashed_password)
