#!/usr/bin/env bash
# Every test but those of vLLM and the peers. The images of the languages, minutes once, are built while the tests run
# that need no Docker.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

.venv/bin/harness sandbox build --language all --quiet &
images=$!
trap 'kill "$images" 2>/dev/null || true' EXIT
.venv/bin/pytest -n auto --dist loadfile -m "not docker and not vllm and not peers"
wait "$images"
trap - EXIT
.venv/bin/pytest -m "docker and not vllm and not peers"
