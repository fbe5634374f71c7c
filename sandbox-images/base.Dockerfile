# The image in which Drydock works where a project asks for no other. The build context holds two npm packages, fetched
# on the person's side with their own npm settings: node.tgz (node-linux-ARCH) and npm.tgz.

FROM debian:bookworm-slim AS node
# By this label the layers of this stage are found and removed after a build.
LABEL drydock.stage=node
ADD node.tgz /node/
ADD npm.tgz /npm/
RUN mkdir -p /usr/node/bin /usr/node/lib/node_modules \
 && mv /node/package/bin/node /usr/node/bin/node \
 && mv /npm/package /usr/node/lib/node_modules/npm \
 && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/node/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/node/bin/npx \
 && chown -R 0:0 /usr/node \
 && chmod -R u+rwX,go+rX,go-w /usr/node \
 && chmod 0755 /usr/node/bin/node /usr/node/lib/node_modules/npm/bin/npm-cli.js /usr/node/lib/node_modules/npm/bin/npx-cli.js

FROM debian:bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      bash coreutils findutils git ripgrep python3 socat ca-certificates procps less \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb /var/log/apt /var/log/dpkg.log
COPY --from=node /usr/node/ /usr/local/
CMD ["bash"]
