#!/usr/bin/env bash
# Makes .venv: harness (editable) and its development tools at the versions of constraints.txt. Does nothing when current.
# PYTHON=/path/to/python chooses the interpreter; otherwise the first of python3.11 to 3.13 that works.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/common.sh"

usable() { "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; }

choose_python() {
  local candidate
  for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
    if usable "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

stamp=.venv/harness.stamp
wanted=$(echo "$PWD" | cat - pyproject.toml constraints.txt | sha256sum)
[ -x .venv/bin/harness ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

make_venv() {
  local python
  if ! python=$(choose_python); then
    may_install || die "needs Python 3.11, 3.12 or 3.13 with its venv module; install it (Debian: python3 python3-venv) or set PYTHON."
    apt_install python3 python3-venv
    python=$(choose_python) || die "this system's Python is not 3.11 to 3.13; set PYTHON to one that is."
  fi
  say "making .venv with $("$python" --version), about a minute"
  "$python" -m venv --clear .venv
}

# One that was made here is brought up to date in place: whoever uses it at this moment goes on.
if ! usable .venv/bin/python || ! grep -qs "^#!$PWD/.venv/" .venv/bin/pip; then make_venv; fi
.venv/bin/python -m pip install -qq --disable-pip-version-check -e '.[dev]' -c constraints.txt ||
  die "pip could not install the environment; its words are above."
echo "$wanted" >"$stamp"
