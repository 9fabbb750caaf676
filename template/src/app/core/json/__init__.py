"""JSON input: limits that are checked before parsing, and types that JSON lacks.

Routes check the limits, and schemas and queries read the types; no other code is needed.
A value has one canonical form in JSON; other forms are rejected.
"""
