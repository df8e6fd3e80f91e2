#!/usr/bin/env bash
# Locks the requirements with hashes, for every Python from 3.11 on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet uv
for name in requirements requirements-dev; do
  "$folder/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url "$name.in" -o "$name.txt"
done
