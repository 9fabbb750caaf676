"""Lists: pages by cursor or offset, with declared orders and filters.

Derive a query class from `query.KeysetQuery` or `query.OffsetQuery`; use `orders` and `filters`.
Never let a client choose the columns to sort or filter by.
"""
