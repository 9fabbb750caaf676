"""Lists: pages by cursor or offset, with declared orders and filters.

Derive from `query.KeysetQuery` or `query.OffsetQuery`, with `orders` and `filters`.
Never let a client choose the columns to sort or filter by.
"""
