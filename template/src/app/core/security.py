"""Access tokens: short-lived, typed, bound to an issuer and an audience (RFC 8725, RFC 9068)."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Literal, Self
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from app.core.auth import jwt_codec

TOKEN_TYPE = "at+jwt"  # noqa: S105 - a media type, not a secret
MAX_TOKEN_LENGTH = 4096
LEEWAY = timedelta(seconds=30)
# The maximum number of remembered signatures. Each takes about 2 kB of memory.
MAX_REMEMBERED = 1000


class TokenError(Exception):
    """The token is malformed, forged, expired or not valid yet."""


class AccessTokenClaims(BaseModel):
    """The claims of an access token: ids and times, no personal data (RFC 7519 12)."""

    model_config = ConfigDict(frozen=True, strict=True)

    sub: Annotated[UUID, Field(strict=False)]
    sid: Annotated[UUID, Field(strict=False)]
    jti: Annotated[UUID, Field(strict=False)]
    iss: str
    aud: str
    iat: int
    nbf: int
    exp: int


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Signs access tokens with the first key; accepts tokens that any of the keys has signed.

    It remembers the claims of the last tokens with a valid signature, by the hash of the token.
    The claims are checked again each time. The caller must check that the session has not ended.
    """

    keys: dict[str, str]
    algorithm: Literal["HS256", "HS384", "HS512"]
    issuer: str
    audience: str
    lifetime: timedelta
    _remembered: OrderedDict[bytes, AccessTokenClaims] = field(
        default_factory=OrderedDict, init=False, repr=False, compare=False
    )

    @classmethod
    def create(
        cls,
        secret_keys: Sequence[str],
        algorithm: Literal["HS256", "HS384", "HS512"],
        *,
        issuer: str,
        audience: str,
        lifetime: timedelta,
    ) -> Self:
        """Create an instance that signs with the first key."""
        return cls({key_id(k): k for k in secret_keys}, algorithm, issuer, audience, lifetime)

    def create_access_token(self, subject: UUID, session_id: UUID, now: datetime) -> str:
        """Sign a token for a session of `subject`, valid from `now` for the configured lifetime."""
        issued_at = int(now.timestamp())
        claims = {
            "sub": str(subject),
            "sid": str(session_id),
            "jti": str(uuid4()),
            "iss": self.issuer,
            "aud": self.audience,
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + int(self.lifetime.total_seconds()),
        }
        kid, key = next(iter(self.keys.items()))
        return jwt_codec.encode(claims, key, self.algorithm, {"typ": TOKEN_TYPE, "kid": kid})

    def verify(self, token: str, now: datetime) -> AccessTokenClaims:
        """Return the claims of a token that is valid at `now`; raise `TokenError` otherwise."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise TokenError
        # The names of the keys are part of the hash, so that no signature outlives its key.
        named = f"{[*self.keys]} {token}"
        digest = sha256(named.encode(errors="surrogatepass")).digest()
        claims = self._remembered.pop(digest, None) or self._read(token)
        self._check(claims, now)
        self._remembered[digest] = claims
        if len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)
        return claims

    def _read(self, token: str) -> AccessTokenClaims:
        """Return the claims of a token; raise `TokenError` if its signature is invalid."""
        try:
            header, *_ = map(_decode_part, token.split("."))
            # With deeply nested input, `json.loads` would reach Python's recursion limit, so that
            # even cleanup code could fail.
            key = self._key_for(from_json(header))
            payload = jwt_codec.decode(token, key, self.algorithm)
            return AccessTokenClaims.model_validate_json(payload)
        except (jwt_codec.JWTError, ValueError) as error:
            raise TokenError from error

    def _key_for(self, header: Any) -> str:  # noqa: ANN401 - any JSON
        """Return the configured key with the header's `kid`, never a key from the header itself.

        Raise `TokenError` for an unknown key, type or algorithm (RFC 8725 3.1, 3.10).
        """
        if not isinstance(header, dict):
            raise TokenError
        ours = header.get("typ") == TOKEN_TYPE and header.get("alg") == self.algorithm
        kid = header.get("kid")
        if not ours or "crit" in header or not isinstance(kid, str) or kid not in self.keys:
            raise TokenError
        return self.keys[kid]

    def _check(self, claims: AccessTokenClaims, now: datetime) -> None:
        seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
        if (claims.iss, claims.aud) != (self.issuer, self.audience):
            raise TokenError
        if claims.exp <= seconds - leeway or max(claims.nbf, claims.iat) > seconds + leeway:
            raise TokenError


def _decode_part(part: str) -> bytes:
    """Decode base64url; reject non-canonical encodings, which `base64` accepts (RFC 4648 3.5)."""
    decoded = urlsafe_b64decode(f"{part}==")
    if urlsafe_b64encode(decoded).rstrip(b"=") != part.encode():
        raise ValueError("not the canonical encoding")
    return decoded


def key_id(secret_key: str) -> str:
    """Return the id of a key; it reveals nothing about the key."""
    return hmac.new(secret_key.encode(), b"kid", sha256).hexdigest()[:16]
