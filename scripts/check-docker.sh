#!/usr/bin/env bash
# Proves the image and docker-compose.yml in a real engine: the one that runs here, or a private one from
# the development tools beside the checkout, with stand-ins for the public images (Debian's PostgreSQL and
# Redis under the official names). Without either it says so and ends well.
# Usage: scripts/check-docker.sh [REPORT.json]
set -euo pipefail
cd "$(dirname "$0")/.."
report=${1:-}
tools=../shared/tools/docker
private=""

skip() {
  echo "SKIPPED: image and compose were not checked: $1"
  if [ -n "$report" ]; then
    echo '{"numPassedTests":0,"numFailedTests":0,"numFailedTestSuites":0,"success":true}' >"$report"
  fi
  exit 0
}

finish() {
  code=$?
  trap - EXIT
  if [ -n "$private" ]; then
    bash "$tools/engine-down.sh" "$private" >/dev/null 2>&1 || true
    rm -rf "$private"
  fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The exact tag that a file of ours names: tag FILE IMAGE.
tag() { grep -o "\b$2:[0-9][A-Za-z0-9._-]*" "$1" | head -1; }

if ! docker info >/dev/null 2>&1; then
  if [ ! -f "$tools/engine-up.sh" ]; then skip "there is no Docker engine"; fi
  if [ "$(id -u)" != 0 ]; then skip "there is no Docker engine, and starting one needs root"; fi
  private=$(mktemp -d)
  if ! timeout 240 bash "$tools/engine-up.sh" "$private" >"$private/up.log" 2>&1; then
    tail -5 "$private/up.log"
    skip "no Docker engine starts here"
  fi
  # shellcheck disable=SC1091
  . "$private/env"
  images=("$(tag Dockerfile node)" "$(tag docker-compose.yml postgres)"
    "$(tag docker-compose.yml redis)" "$(tag docker-compose.yml amazon/dynamodb-local)")
  if ! timeout 600 bash "$tools/base-images.sh" "$private" "${images[@]}"; then
    skip "the stand-ins for the public images could not be made"
  fi
  export STAND_INS=1
  echo "These are stand-ins: Debian's programs under the names of the official images."
fi
reporters=(--reporter=default)
if [ -n "$report" ]; then reporters+=(--reporter=json --outputFile.json="$report"); fi
node_modules/.bin/vitest run --config vitest.docker.config.ts "${reporters[@]}"
