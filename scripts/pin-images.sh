#!/usr/bin/env bash
# For a release: writes behind every image tag in the Dockerfile, docker-compose.yml and helm/values.yaml the digest that the
# registry has for it now. Nobody writes a digest by hand. Needs Docker with buildx, and a network.
# Usage: scripts/pin-images.sh [--check]     --check: only says which tags have no digest; 1 when some have none
set -euo pipefail
cd "$(dirname "$0")/.."
files=(Dockerfile docker-compose.yml helm/values.yaml)
pattern='(node|postgres|redis|caddy|amazon/dynamodb-local|prom/prometheus|prom/alertmanager|grafana/grafana):v?[0-9][A-Za-z0-9._-]*(@sha256:[0-9a-f]{64})?'
mapfile -t images < <(grep -hoE "$pattern" "${files[@]}" | sort -u)
missing=0
for image in "${images[@]}"; do
  tag=${image%@*}
  if [ "${1:-}" = --check ]; then
    if [ "$tag" = "$image" ]; then
      echo "$tag has no digest"
      missing=1
    fi
    continue
  fi
  digest=$(docker buildx imagetools inspect "$tag" --format '{{.Manifest.Digest}}')
  case "$digest" in sha256:*) ;; *) echo "no digest for $tag: $digest" >&2 && exit 1 ;; esac
  sed -i -E "s#(^|[^A-Za-z0-9/])${tag//./\\.}(@sha256:[0-9a-f]{64})?([^A-Za-z0-9._-]|\$)#\1$tag@$digest\3#" "${files[@]}"
  echo "$tag@$digest"
done
exit "$missing"
