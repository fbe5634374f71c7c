# Node and npm. The build context holds both unpacked in `local`: they are npm packages, fetched on the person's side with
# their own npm settings.
ARG BASE
FROM ${BASE}
COPY local /usr/local/
# `npm install --global` goes into HOME, and node-gyp finds Node's headers without a download.
ENV NPM_CONFIG_PREFIX=/home/agent/.local NPM_CONFIG_NODEDIR=/usr/local NPM_CONFIG_UPDATE_NOTIFIER=false
