#!/usr/bin/env python3
"""The part of curl that the documentation uses, for machines without curl."""

import argparse
import sys
import urllib.error
import urllib.request


def main() -> None:
    """Send the request that the arguments describe, and print the body of the response."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-X", dest="method")
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data", action="append", default=[])
    parser.add_argument("-s", dest="silent", action="store_true")
    asked = parser.parse_args()
    body = "&".join(asked.data).encode() or None
    headers = dict(header.split(": ", 1) for header in asked.headers)
    request = urllib.request.Request(asked.url, body, headers, method=asked.method)  # noqa: S310
    try:
        response = urllib.request.urlopen(request, timeout=30)  # noqa: S310
    except urllib.error.HTTPError as error:
        response = error
    sys.stdout.write(f"{response.read().decode()}\n")


if __name__ == "__main__":
    main()
