"""JSON input: limits that are checked before parsing, and types that JSON lacks.

Schemas and queries apply both automatically.
A value has one canonical form in JSON; other forms are rejected.
"""
