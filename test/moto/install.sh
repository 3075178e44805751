#!/usr/bin/env bash
# Installs moto with the versions of requirements.txt into the directory $1: as a virtual
# environment, or as plain packages if Python has no venv module.
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
  echo "moto needs pip or venv: apt-get install python3-venv" >&2
  exit 1
fi
