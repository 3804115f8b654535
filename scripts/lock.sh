#!/usr/bin/env bash
# Writes constraints.txt anew: the newest versions that pyproject.toml allows today, found in an empty environment.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/common.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3.11}" -m venv "$folder"
"$folder/bin/python" -m pip install -qq --disable-pip-version-check -e '.[dev]'
{
  echo "# Versions of the development environment, made by \`make lock\` on $("$folder/bin/python" --version). Names no index."
  "$folder/bin/python" -m pip freeze --disable-pip-version-check --exclude-editable | LC_ALL=C sort -f
} >"$folder/constraints.txt"
cp "$folder/constraints.txt" constraints.txt
say "$(grep -c == constraints.txt) versions in constraints.txt"
