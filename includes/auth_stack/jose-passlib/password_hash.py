"""Password hashes by passlib: Argon2id; old bcrypt ones are still verified.

The package is libpass, the maintained fork; it is imported under the old name.
"""

from passlib.context import CryptContext

# The floor of the OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
CONTEXT = CryptContext(
    ["argon2", "bcrypt"],
    deprecated="auto",
    argon2__time_cost=2,
    argon2__memory_cost=19_456,
    argon2__parallelism=1,
)


def get_password_hash(password: str) -> str:
    """Hash `password`: about 20 ms of one core, and 19 MiB meanwhile."""
    return CONTEXT.hash(password)


def verify_password(password: str | bytes, hashed_password: str) -> bool:
    """Say whether they match; a hash of an unknown kind matches nothing."""
    try:
        return CONTEXT.verify(password, hashed_password)
    except ValueError:  # the hash is broken, too, or bcrypt's and the password has a NUL
        return False


def needs_rehash(hashed_password: str) -> bool:
    """Say whether a new hash of the same password would be stronger."""
    return CONTEXT.needs_update(hashed_password)
