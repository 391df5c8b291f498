#!/usr/bin/env bash
# Proves the image and docker-compose.yml in a real engine: the one that runs here, or a private one from
# the development tools beside the checkout, with stand-ins for the public images (Debian's PostgreSQL and
# Redis under the official names). Where neither is to be had it says so and ends well.
# The engine at hand, the chart is rendered and checked, too: its report is REPORT-chart.json.
# Usage: scripts/check-docker.sh [--all] [REPORT.json]
#   --all   every outage in turn, monitoring, TLS, Aurora DSQL; else one outage, another one with another CI_TURN
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
only=(compose.docker)
limit=480
if [ "${1:-}" = --all ]; then
  shift
  export CHECK_ALL=1
  only=()
  limit=1800
fi
report=${1:-}
chartReport=${report:+${report%.json}-chart.json}
tools=$(realpath -m ../shared/tools/docker)
work=$(mktemp -d)
# Everything that the check makes in an engine has this name, so that it can be found and taken away again.
export CHECK_PROJECT="zerorace-check-$$"
private=""
child=""
# A cold start must not eat the time of the other checks.
giveUpAt=$((SECONDS + 200))

skip() {
  printf '\nSKIPPED: image, compose and the rendered chart were NOT checked: %s\n' "$1"
  if [ -n "$report" ]; then
    printf '{"numPassedTests":0,"numFailedTests":0,"numFailedTestSuites":0,"success":true,"testResults":[],"skipped":"%s"}' \
      "image, compose and the rendered chart: $1" | tee "$chartReport" >"$report"
  fi
  exit 0
}

# What was killed in the middle could not take its containers away.
sweep() {
  local of=(--filter "name=$CHECK_PROJECT")
  docker ps --all --quiet "${of[@]}" | xargs -r docker rm --force --volumes
  docker volume ls --quiet "${of[@]}" | xargs -r docker volume rm --force
  docker network ls --quiet "${of[@]}" | xargs -r docker network rm
  docker images --quiet --filter "reference=zerorace:$CHECK_PROJECT*" | xargs -r docker image rm --force
}

finish() {
  code=$?
  trap - EXIT INT TERM
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  if docker info >/dev/null 2>&1; then sweep >/dev/null 2>&1 || true; fi
  if [ -n "$private" ]; then bash "$tools/engine-down.sh" "$private" >/dev/null 2>&1 || true; fi
  rm -rf "$work"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In the background, because only then a signal reaches us while it runs.
run() {
  "$@" &
  child=$!
  local code=0
  wait "$child" || code=$?
  child=""
  return "$code"
}

# The same, as long as there is time for preparations.
soon() { run timeout --kill-after=5 "$((giveUpAt > SECONDS ? giveUpAt - SECONDS : 1))" "$@"; }

# The private engine's end flushes the packet filter: only where nobody has rules in it.
filterIsOurs() {
  if ip link show docker0 >/dev/null 2>&1; then return 1; fi
  ! { iptables -S && iptables -t nat -S; } 2>/dev/null | grep -qv '^-P'
}

startPrivate() {
  if [ ! -f "$tools/engine-up.sh" ]; then skip "there is no Docker engine with Compose"; fi
  if [ "$(id -u)" != 0 ]; then skip "there is no Docker engine, and starting one needs root"; fi
  if ! filterIsOurs; then skip "the packet filter has rules of somebody else: no private engine"; fi
  private="$work/engine"
  mkdir "$private"
  if ! soon bash "$tools/engine-up.sh" "$private" >"$work/up.log" 2>&1; then
    tail -5 "$work/up.log" "$private/dockerd.log" 2>/dev/null || true
    skip "no Docker engine starts here"
  fi
  # shellcheck disable=SC1091
  . "$private/env"
  if ! soon bash "$tools/base-images.sh" "$private" "${images[@]}" >"$work/images.log" 2>&1; then
    tail -5 "$work/images.log"
    skip "the stand-ins for the public images could not be made"
  fi
  echo "A private engine runs, with stand-ins for the public images."
}

# The exact tag that a file of ours names: tag FILE IMAGE.
tag() { grep -o "\b$2:[0-9][A-Za-z0-9._-]*" "$1" | head -1; }
images=("$(tag Dockerfile node)" "$(tag docker-compose.yml postgres)"
  "$(tag docker-compose.yml redis)" "$(tag docker-compose.yml amazon/dynamodb-local)")

if ! docker info >/dev/null 2>&1 || ! docker compose version >/dev/null 2>&1; then startPrivate; fi
for image in "${images[@]}"; do
  if ! docker image inspect "$image" >/dev/null 2>&1 && ! soon docker pull --quiet "$image"; then
    skip "there is no image $image, and no registry to have it from"
  fi
  # What was made on this machine has no digest that a registry gave it.
  if [ "$(docker image inspect --format '{{len .RepoDigests}}' "$image")" = 0 ]; then
    export STAND_INS=1
  fi
done
if [ -n "${STAND_INS:-}" ]; then
  echo "These are stand-ins: Debian's programs under the names of the official images."
fi
if ! soon docker run --rm --name "$CHECK_PROJECT-ping" "${images[0]}" npm ping >"$work/ping.log" 2>&1; then
  tail -5 "$work/ping.log"
  skip "inside a container there is no way to the registry of packages"
fi
echo "Ready after $SECONDS s."

reporters=(--reporter=default)
if [ -n "$report" ]; then reporters+=(--reporter=json --outputFile.json="$report"); fi
code=0
# One outage takes two or three minutes, all of it ten.
TMPDIR="$work" run timeout --kill-after=30 "$limit" node_modules/.bin/vitest run --config vitest.docker.config.ts "${reporters[@]}" "${only[@]}" || code=$?
TMPDIR="$work" run timeout --kill-after=30 480 scripts/check-chart.sh ${chartReport:+"$chartReport"} || code=$?
exit "$code"
