"""Projects of earlier releases, their edits, and how they take over the next version."""
