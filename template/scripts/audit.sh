#!/usr/bin/env bash
# Report known vulnerabilities of the locked dependencies; audit-exceptions.txt lists the accepted ones.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -f uv.lock ]; then
    echo "uv.lock is missing: run 'uv lock' and commit the file." >&2
    exit 1
fi

today=$(date -u +%Y-%m-%d)
arguments=(--disable-pip --require-hashes)
while read -r advisory until reason || [[ -n $advisory ]]; do
    case $advisory in "" | "#"*) continue ;; esac
    if [[ ! $until =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ || -z $reason ]]; then
        echo "scripts/audit-exceptions.txt: $advisory needs a date such as 2030-01-31 and a reason." >&2
        exit 1
    fi
    if [[ $today > $until ]]; then
        echo "scripts/audit-exceptions.txt: the exception for $advisory expired on $until. Review it." >&2
        exit 1
    fi
    arguments+=(--ignore-vuln "$advisory")
done <scripts/audit-exceptions.txt

requirements=$(mktemp)
trap 'rm -f "$requirements"' EXIT
uv export --quiet --locked --no-emit-project --format requirements-txt --output-file "$requirements"
uvx pip-audit@2.10.1 "${arguments[@]}" --requirement "$requirements"
