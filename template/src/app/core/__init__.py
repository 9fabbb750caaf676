"""The platform: packages that do not depend on the resources of the service.

Each package's docstring names what to import. The packages import each other in one direction only.
Upgrades change these packages, so put your own code elsewhere.
"""
