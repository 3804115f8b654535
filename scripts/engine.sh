#!/usr/bin/env bash
# Makes a Docker engine answer. One that runs already is used as it is; root on Debian or Ubuntu gets one installed and
# started in the background; anybody else is told what is missing. Never calls sudo.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "$0")/common.sh"

log=/var/log/harness-dockerd.log
patience_s=60

answers() { timeout 20 docker version >/dev/null 2>&1; }

# An engine that was killed leaves pid files behind; the next one refuses to start where another process has that number.
remove_stale_pid() {
  local file=$1 name=$2
  [ -f "$file" ] || return 0
  [ "$(cat "/proc/$(cat "$file")/comm" 2>/dev/null)" = "$name" ] || rm -f "$file"
}

start() {
  if [ -d /run/systemd/system ]; then
    systemctl start docker || die "systemd could not start Docker: see 'journalctl -u docker'."
    return
  fi
  remove_stale_pid /var/run/docker.pid dockerd
  remove_stale_pid /var/run/docker/containerd/containerd.pid containerd
  say "starting dockerd in the background, log in $log"
  setsid nohup dockerd >"$log" 2>&1 </dev/null &
  dockerd_pid=$!
}

# A dockerd that cannot run ends by itself within seconds: no use in waiting for it.
alive() { [ -z "${dockerd_pid:-}" ] || kill -0 "$dockerd_pid" 2>/dev/null; }

wait_for_answer() {
  local deadline=$((SECONDS + patience_s))
  until answers; do
    if [ $SECONDS -ge $deadline ] || ! alive; then
      tail -n 20 "$log" >&2 || true
      die "the Docker engine ended or did not answer within $patience_s s; its last words are above."
    fi
    sleep 0.5
  done
}

explain() {
  if [ -n "${DOCKER_HOST:-}" ]; then
    die "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST. Start it, or unset DOCKER_HOST."
  elif ! command -v docker >/dev/null; then
    die "Docker is not installed, and only root on Debian or Ubuntu may install it here. Install Docker Engine (Debian: docker.io), start it and try again."
  elif [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]; then
    die "this user may not talk to the Docker engine. Join the group 'docker' (usermod -aG docker $(id -un)), log in again and try again."
  fi
  die "Docker is installed but no engine answers. Start it (systemctl start docker) and try again."
}

answers && exit 0
if [ -n "${DOCKER_HOST:-}" ] || ! may_install; then explain; fi
command -v dockerd >/dev/null || apt_install docker.io
command -v docker >/dev/null || apt_install docker-cli # a package of its own since Debian 13
answers && exit 0
start
wait_for_answer
