"""Lists: pages by cursor or offset, orders and filters that are declared.

Call `query.KeysetQuery` or `OffsetQuery`, with `orders` and `filters`.
Never order or filter by a column that a client names freely.
"""
