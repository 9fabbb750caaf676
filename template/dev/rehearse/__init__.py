"""Runs the tests of the last release on the new schema.

During a rollout, the old version runs on it until its last replica is replaced.
"""
