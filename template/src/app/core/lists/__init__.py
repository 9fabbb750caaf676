"""Lists: pages by cursor or offset, with declared orders and filters.

Call `query.KeysetQuery` or `OffsetQuery`, with `orders` and `filters`.
Never sort or filter by a column that a client can name freely.
"""
