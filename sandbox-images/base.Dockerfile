# What all of Drydock's images begin with, and where it works when a project shows no language.
FROM debian:bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      bash coreutils findutils git ripgrep python3 socat ca-certificates curl procps less patch unzip xz-utils \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/log/apt /var/log/dpkg.log
# Behind the system's folders: what is installed into HOME is found, and stands in for nothing.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/home/agent/.local/bin:/home/agent/.cargo/bin:/home/agent/go/bin
CMD ["bash"]
