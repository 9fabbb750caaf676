"""The platform: rooms that know nothing of the resources of the service.

Call what a room's docstring names; the rooms import each other in one direction only.
Upgrades change these modules, so add modules of your own elsewhere.
"""
