"""JSON texts: limits that hold before parsing, and types that JSON lacks.

Schemas and queries use them by themselves.
A value has one spelling in JSON: any other is refused.
"""
