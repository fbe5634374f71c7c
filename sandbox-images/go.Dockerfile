# The newest Go of Debian 12, which is that of its backports: found where the base finds its packages.
ARG BASE
FROM ${BASE}
RUN cd /etc/apt \
 && if [ -e sources.list.d/debian.sources ]; then \
      sed -e '/^$/,$d' -e 's/^Suites:.*/Suites: bookworm-backports/' sources.list.d/debian.sources >sources.list.d/backports.sources; \
    else \
      sed 's/ bookworm / bookworm-backports /' sources.list >sources.list.d/backports.list; \
    fi \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -t bookworm-backports golang-go \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev make \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/log/apt /var/log/dpkg.log
