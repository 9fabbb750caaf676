"""Attacks on the application. Pytest runs the modules of checks, with the project's fixtures.

A check is a test with the decorator `check`, and has an `operation`. It reports each problem in one
line, and skips what it cannot cover, with the reason. It knows kinds of columns and members, but no
resource of the project.
"""
