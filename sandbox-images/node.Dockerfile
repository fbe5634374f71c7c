# Node and npm. The build context holds both unpacked in `local`: they are npm packages, fetched on the person's side with
# their own npm settings.
ARG BASE
FROM ${BASE}
COPY local /usr/local/
# What is installed globally goes into HOME, and node-gyp finds Node's headers without a download.
RUN printf 'prefix=${HOME}/.local\nnodedir=/usr/local\nupdate-notifier=false\n' >/usr/local/lib/node_modules/npm/npmrc
