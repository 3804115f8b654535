#!/usr/bin/env bash
# Builds the sandbox image: from a public base image where a registry can be reached, else from one made of this machine's
# own Debian or Ubuntu packages (needs root).
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/common.sh"

local_base=harness-base:python
log=$(mktemp)
trap 'rm -f "$log"' EXIT

fail() {
  tail -n 30 "$log" >&2
  die "$@"
}

make_base() {
  docker image inspect "$local_base" >/dev/null 2>&1 && return
  may_install || fail "the sandbox image could not be built: no base image (above), and only root on Debian or Ubuntu makes one."
  command -v mmdebstrap >/dev/null || apt_install mmdebstrap
  say "no image registry in reach: making $local_base from Debian packages, about a minute"
  bash sandbox/build_base.sh 2>>"$log" | docker import - "$local_base" >/dev/null || fail "could not make $local_base; see above."
}

.venv/bin/harness sandbox build >"$log" 2>&1 && exit 0
make_base
.venv/bin/harness sandbox build --base "$local_base" >>"$log" 2>&1 || fail "the sandbox image could not be built; see above."
