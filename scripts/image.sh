#!/usr/bin/env bash
# Builds the sandbox image: from a public base image where a registry can be reached, else from one made of Debian packages.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/common.sh"

local_base=harness-base:bookworm
log=$(mktemp)
trap 'rm -f "$log"' EXIT

.venv/bin/harness sandbox build >"$log" 2>&1 && exit 0
if ! scripts/base-image.sh "$local_base" || ! .venv/bin/harness sandbox build --base "$local_base" >>"$log" 2>&1; then
  cat "$log" >&2
  die "the sandbox image could not be built; what 'harness sandbox build' said is above."
fi
