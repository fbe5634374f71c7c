# An image of somebody else, with what the sandbox needs of one.
ARG BASE
FROM ${BASE}
USER 0:0
RUN if command -v apt-get >/dev/null; then \
      apt-get update \
      && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
           bash coreutils findutils git ripgrep socat ca-certificates \
      && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb; \
    elif command -v apk >/dev/null; then \
      apk add --no-cache bash coreutils findutils git ripgrep socat ca-certificates; \
    else \
      echo 'it has neither apt-get nor apk' >&2; exit 1; \
    fi
