#!/usr/bin/env bash
# Makes a Debian base image with Python for the sandbox from this machine's own apt sources, where no image registry can be
# reached. Needs root on Debian or Ubuntu; about 40 seconds.  usage: base-image.sh TAG
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/common.sh"

tag=${1:?usage: base-image.sh TAG}
docker image inspect "$tag" >/dev/null 2>&1 && exit 0
may_install || die "no image registry can be reached, and only root on Debian or Ubuntu can make $tag here."
command -v mmdebstrap >/dev/null || apt_install mmdebstrap

release=$(. /etc/os-release && echo "$VERSION_CODENAME")
for sources in /etc/apt/sources.list.d/{debian,ubuntu}.sources /etc/apt/sources.list; do [ ! -s "$sources" ] || break; done
log=$(mktemp)
trap 'rm -f "$log"' EXIT

say "making $tag from $release packages, about 40 seconds"
# shellcheck disable=SC2016 # mmdebstrap's own shell expands the hook's $1
mmdebstrap --variant=minbase --include=python3 \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/var/log/*' \
  "$release" - - <"$sources" 2>"$log" | docker import - "$tag" >/dev/null || {
  tail -n 20 "$log" >&2
  die "could not make $tag; the last words of mmdebstrap are above."
}
