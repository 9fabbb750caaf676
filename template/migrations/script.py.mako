<%!
def harmless(message):
    """Return the message without characters that could end the docstring."""
    quoted = message.replace("\\", "/").replace('"', "'")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in quoted).split())
%>\
"""${message | harmless}.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision: str = ${repr(up_revision)}
down_revision: str | Sequence[str] | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}

% for function in config.attributes.pop("functions", ()):

${function}
% endfor

def upgrade() -> None:
% if not upgrades:
    # Changes of existing tables that do not stop the service: from app.core.db import online
% endif
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
