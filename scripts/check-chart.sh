#!/usr/bin/env bash
# Renders the Helm chart with many sets of values, decodes every manifest with Kubernetes' own types, and holds every pod
# against the restricted standard. It takes the helm that is on the PATH, or builds a renderer and a strict decoder from
# the development tools beside the checkout, with the Docker engine that there is. Without either only what
# needs no rendering is tested, and it says so. With --pods the default set's containers are run in that engine, too, as
# their manifests say, up to what `helm test` does: a minute or more.
# Usage: scripts/check-chart.sh [--pods] [REPORT.json]
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = --pods ]; then
  shift
  export CHART_IN_ENGINE=1
fi
report=${1:-}
tools=../shared/tools/helm
built=""
trap 'rm -rf "$built"' EXIT

if ! command -v minihelm >/dev/null && [ -f "$tools/Dockerfile" ] && docker info >/dev/null 2>&1; then
  built=$(mktemp -d)
  if timeout 300 docker build --quiet -o "$built" "$tools" >"$built/log" 2>&1; then
    export PATH="$built:$PATH"
  else
    tail -5 "$built/log"
    echo "SKIPPED: the renderer could not be built."
  fi
fi
if ! command -v helm >/dev/null && ! command -v minihelm >/dev/null; then
  echo "SKIPPED: the chart is not rendered, there is neither helm nor a renderer here."
  unset CHART_IN_ENGINE
elif [ -n "${CHART_IN_ENGINE:-}" ] && ! docker info >/dev/null 2>&1; then
  echo "SKIPPED: its containers are not run, there is no Docker engine."
  unset CHART_IN_ENGINE
fi
reporters=(--reporter=default)
if [ -n "$report" ]; then reporters+=(--reporter=json --outputFile.json="$report"); fi
node_modules/.bin/vitest run --config vitest.chart.config.ts "${reporters[@]}"
