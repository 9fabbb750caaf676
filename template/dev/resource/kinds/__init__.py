"""The types of fields, by name."""
