"""Password hashes by passlib: new hashes use Argon2id; old bcrypt hashes are still accepted.

The package is libpass, a maintained fork of passlib with the same import name.
"""

from passlib.context import CryptContext

# The minimum of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
CONTEXT = CryptContext(
    ["argon2", "bcrypt"],
    deprecated="auto",
    argon2__time_cost=2,
    argon2__memory_cost=19_456,
    argon2__parallelism=1,
)


def get_password_hash(password: str) -> str:
    """Return a new hash of `password`. Hashing takes about 20 ms on one core, and 19 MiB."""
    return CONTEXT.hash(password)


def verify_password(password: str | bytes, hashed_password: str) -> bool:
    """Return whether the password matches the hash; `False` for a hash of an unknown kind."""
    try:
        return CONTEXT.verify(password, hashed_password)
    except ValueError:  # an unknown or malformed hash, or a password with NUL for bcrypt
        return False


def needs_rehash(hashed_password: str) -> bool:
    """Return whether the hash is outdated: its algorithm or a parameter is not the current one."""
    return CONTEXT.needs_update(hashed_password)
