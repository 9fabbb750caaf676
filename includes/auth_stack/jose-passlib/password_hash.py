"""Password hashes by passlib: new ones are Argon2id, old bcrypt ones are still verified.

The package is libpass, the maintained fork; it is imported under the old name.
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
    """Hash `password`; this takes about 20 ms of one core, and 19 MiB."""
    return CONTEXT.hash(password)


def verify_password(password: str | bytes, hashed_password: str) -> bool:
    """Return whether they match; a hash of an unknown kind matches nothing."""
    try:
        return CONTEXT.verify(password, hashed_password)
    except ValueError:  # also for a broken hash, and for bcrypt if the password contains NUL
        return False


def needs_rehash(hashed_password: str) -> bool:
    """Return whether the hash is outdated: a new one of the same password would be stronger."""
    return CONTEXT.needs_update(hashed_password)
