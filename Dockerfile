# One image for every command: serve (the default), worker, migrate, backup, swarm, prove …
#   docker build -t zerorace .
# It brings no database along: PostgreSQL, Redis and DynamoDB are containers or services of their own, and
# their programs would be two thirds of its size. docker-compose.yml has all of them.
#
# Tags are exact. Digests are written behind them at a release, by scripts/pin-images.sh.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# The console, built with the tools that only development needs.
FROM ${NODE_IMAGE} AS console
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY admin-ui/ admin-ui/
RUN npm run build

# What the server imports, and nothing else: no native add-ons, no types, no maps, no documents.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
 && npm sbom --package-lock-only --omit=dev --omit=optional --sbom-format=cyclonedx >sbom.cdx.json \
 && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \
      -o -iname '*.md' -o -name '*.tsbuildinfo' \) -delete \
 && rm -rf node_modules/.package-lock.json node_modules/.bin

# A root file system with Node.js, the libraries that it is linked to, and no shell, package manager or
# set-uid program for anybody to find.
FROM ${NODE_IMAGE} AS root
RUN mkdir -p /root-fs/etc/ssl/certs /root-fs/usr/local/bin /root-fs/tmp /root-fs/run/zerorace/app /root-fs/run/zerorace/db \
      /root-fs/run/zerorace/redis /root-fs/run/zerorace/grafana /root-fs/backups \
 && cp --parents $(ldd /usr/local/bin/node | grep -o '/[^ ]*') /root-fs/ \
 && cp /usr/local/bin/node /root-fs/usr/local/bin/ \
 && cp /etc/os-release /root-fs/etc/ \
 && printf 'hosts: files dns\n' >/root-fs/etc/nsswitch.conf \
 && printf 'root:x:0:0::/:/none\nzerorace:x:65532:65532::/tmp:/none\n' >/root-fs/etc/passwd \
 && printf 'root:x:0:\nzerorace:x:65532:\n' >/root-fs/etc/group \
 && printf '#!/usr/local/bin/node\nimport("/app/server/cli.ts");\n' >/root-fs/usr/local/bin/zerorace \
 && chmod 755 /root-fs/usr/local/bin/zerorace && chmod 1777 /root-fs/tmp \
 && chown -R 65532:65532 /root-fs/run/zerorace /root-fs/backups
COPY --from=packages /app/ /root-fs/app/
COPY migrations/ /root-fs/app/migrations/
COPY dsql-local/ /root-fs/app/dsql-local/
# The server shows them at /docs.
COPY ARCHITECTURE.md CHANGELOG.md /root-fs/app/
COPY docs/ /root-fs/app/docs/
COPY worker/ /root-fs/app/worker/
COPY server/ /root-fs/app/server/
COPY --from=console /app/admin-ui/dist/ /root-fs/app/admin-ui/dist/
RUN chmod -R a+rX,go-w /root-fs/app

FROM scratch
ARG VERSION=0.1.0 REVISION=unknown CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="ZeroRace" \
      org.opencontainers.image.description="A self-hosted checkout that cannot oversell, double-charge or overspend." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.zerorace.sbom="/app/sbom.cdx.json"
COPY --from=root /root-fs/ /
ENV NODE_ENV=production \
    NODE_OPTIONS="--disable-proto=delete" \
    ZERORACE_HOST=0.0.0.0 \
    ZERORACE_BACKUP_DIR=/backups
USER 65532:65532
WORKDIR /app
EXPOSE 8080
# Of a server; a worker's is `zerorace healthcheck --worker`.
HEALTHCHECK --interval=10s --timeout=10s --retries=3 --start-period=60s --start-interval=1s \
  CMD ["/usr/local/bin/zerorace", "healthcheck"]
# Node.js itself is process 1 and hears SIGTERM: readiness goes, what is inside is answered, then it ends.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/zerorace"]
CMD ["serve"]
