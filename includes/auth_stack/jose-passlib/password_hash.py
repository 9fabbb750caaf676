"""Password hashes by passlib: new hashes use Argon2id; old bcrypt hashes are still accepted.

The package is libpass, a maintained fork of passlib that is imported as `passlib`.
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
    """Return a new hash of `password`, which takes about 20 ms on one core, and 19 MiB."""
    return CONTEXT.hash(password)


def verify_password(password: str | bytes, hashed_password: str) -> bool:
    """Return whether the password matches the hash, never for a hash of an unknown kind."""
    try:
        return CONTEXT.verify(password, hashed_password)
    except ValueError:  # also for a malformed hash, and for bcrypt if the password contains NUL
        return False


def needs_rehash(hashed_password: str) -> bool:
    """Return whether a new hash of the same password would be stronger."""
    return CONTEXT.needs_update(hashed_password)
