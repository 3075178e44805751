#!/usr/bin/env bash
# Installs moto, exactly as requirements.txt pins it, into the folder $1: as a
# virtual environment, or where Python comes without them, as plain packages.
set -euo pipefail
into=$1
pins=$(dirname "$0")/requirements.txt
command -v python3 >/dev/null || {
  echo "moto needs Python: apt-get install python3 python3-venv" >&2
  exit 1
}
rm -rf "$into"
options=(--quiet --disable-pip-version-check --no-input --require-hashes --requirement "$pins")
if python3 -c 'import ensurepip, venv' 2>/dev/null; then
  python3 -m venv "$into"
  "$into/bin/python3" -m pip install "${options[@]}"
elif python3 -m pip --version >/dev/null 2>&1; then
  python3 -m pip install "${options[@]}" --target "$into/packages"
else
  echo "moto needs a way to install it: apt-get install python3-venv" >&2
  exit 1
fi
