"""The tables of login sessions and password reset codes.

The services in `app.services.accounts` read and write them.
Secrets are stored only as hashes.
"""

# Template releases import their tables here; `app.models` imports this package.
from app.core.idempotency.model import IdempotencyKey
from app.models.accounts.login_session import UserSession
from app.models.accounts.password_reset import PasswordReset
