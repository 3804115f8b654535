#!/usr/bin/env bash
# Writes a minimal Debian or Ubuntu file system with Python to standard output, from this machine's own package sources:
#   sudo bash build_base.sh | docker import - harness-base:python
# Arguments are further packages, such as a language's (harness/languages/languages.yaml).
# For machines that reach their package mirror but no image registry. Needs root; takes about a minute.
set -euo pipefail
if [ -t 1 ]; then echo "build_base: send the output to docker import, see the first lines of this file" >&2; exit 2; fi
if [ "$(id -u)" -ne 0 ]; then echo "build_base: needs root" >&2; exit 2; fi
if ! command -v mmdebstrap >/dev/null; then
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap >&2
fi
sources=""
for file in /etc/apt/sources.list.d/{debian,ubuntu}.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.{sources,list}; do
  if [ -s "$file" ]; then sources=$file; break; fi
done
if [ -z "$sources" ]; then echo "build_base: no package sources under /etc/apt" >&2; exit 2; fi
packages=$(IFS=,; echo "python3${*:+,$*}")
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
# a JDK registers manual pages, and does not install where their folder is missing
mmdebstrap --quiet --variant=minbase --include="$packages" --format=tar \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --essential-hook='mkdir -p "$1"/usr/share/man/man1' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*' \
  "$suite" - <"$sources"
