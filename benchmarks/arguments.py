"""The command line of the benchmark."""

import argparse
from pathlib import Path

ROOT = Path(__file__).parents[1]
DESCRIPTION = """\
Render the default service, and load it in two profiles, beside two yardsticks and any peers:
`shipped` (request log, limits in Valkey, metrics) and `off` (without these). L1 is the yardstick:
Starlette, asyncpg and msgspec. L2 is a minimal FastAPI application.
"""
PEERS = """\
A peer is a service that runs on this machine, as the same user, with any PostgreSQL of this
machine. It is loaded at our paths, with the token of a user that the benchmark registers there.
The benchmark leaves out the requests that the peer answers with an error, such as those that need
a token if it issues none. A file can contain other paths, bodies and a token for each peer:

  [full-stack]
  token = "eyJ..."
  health.path = "/api/v1/utils/health-check/"
  login = { path = "/api/v1/login/access-token" }
  create = { path = "/api/v1/items/", body = '{"title": "Lamp"}' }

  uvx nox -s benchmark -- --peer full-stack=http://127.0.0.1:8001 --peer-file peers.toml
"""


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="uvx nox -s benchmark --",
        description=DESCRIPTION,
        epilog=PEERS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each is loaded (5)")
    parser.add_argument("--seconds", type=int, default=3, help="for how long each time (3)")
    parser.add_argument("--connections", type=int, nargs="+", default=[64], help="(64)")
    parser.add_argument("--peer", metavar="NAME=URL,...", default="", help="peers, see below")
    parser.add_argument("--peer-file", metavar="FILE", type=ROOT.joinpath, help="TOML, see below")
    return parser.parse_args()
