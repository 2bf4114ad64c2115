# tokenward in a container: docs/container.md. Build: docker build --tag tokenward .
#
# The image holds Node, the program, the few libraries that Node needs, and nothing else: no shell, no package manager.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# What has nothing to do with our source comes first: Docker keeps it.
FROM ${NODE_IMAGE} AS tools
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates gcc libc6-dev
WORKDIR /tokenward
COPY deploy/container/healthcheck.c ./
RUN gcc -std=c17 -O2 -Wall -Wextra -Werror -pie -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
    -Wl,-z,relro,-z,now -s -o healthcheck healthcheck.c

FROM ${NODE_IMAGE} AS build
WORKDIR /tokenward
COPY package.json package-lock.json .npmrc ./
# No package of ours needs its install script; that of `node` would bring a second Node.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm run sbom -- dist/sbom.cdx.json
# What serves no daemon here: man pages, units of systemd, the keychain's library (there is no Secret Service), the client for other programs.
RUN rm -r dist/man dist/systemd dist/native/keytar.node dist/client.mjs dist/client.d.mts \
    && sed -i '1s|.*|#!/usr/local/bin/node --use-openssl-ca|' dist/tokenward.js

FROM tools AS root
COPY --from=build /tokenward/dist /root-of-image/opt/tokenward
COPY deploy/container/assemble.sh ./
RUN sh assemble.sh /root-of-image

FROM scratch
COPY --from=root /root-of-image /
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="tokenward" \
      org.opencontainers.image.description="Sidecar daemon and token broker for log hosts" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
# One arena: the daemon keeps 10 MiB less. SSL_CERT_FILE: mount your own bundle over it to trust other authorities.
ENV PATH=/usr/local/bin \
    MALLOC_ARENA_MAX=1 \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
USER 10001:10001
# Whether it is alive, not whether the log server is: that is /readyz.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["/usr/local/bin/healthcheck", "/run/tokenward/tokenward.sock", "/healthz"]
STOPSIGNAL SIGTERM
# Without SIGUSR1 nobody opens Node's debugger.
ENTRYPOINT ["/usr/local/bin/node", "--disable-sigusr1", "--use-openssl-ca", "/opt/tokenward/tokenward.js"]
CMD ["run"]
