import { type Shown, homeInside, packagesInside } from './mounts.ts'

/** What every process inside starts with. Nothing of the host's environment is in it. */
export const variables: Readonly<Record<string, string>> = {
  HOME: homeInside,
  LANG: 'C.UTF-8',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
  // Without capabilities nobody inside may give files away, root included.
  TAR_OPTIONS: '--no-same-owner',
}

/** What leads package managers to the folder of what they have fetched. What they install stays where it was. */
export const packageVariables: Readonly<Record<string, string>> = {
  npm_config_cache: `${packagesInside}/npm`,
  YARN_CACHE_FOLDER: `${packagesInside}/yarn`,
  PIP_CACHE_DIR: `${packagesInside}/pip`,
  UV_CACHE_DIR: `${packagesInside}/uv`,
  GOMODCACHE: `${packagesInside}/go`,
  CARGO_HOME: `${packagesInside}/cargo`,
  CARGO_INSTALL_ROOT: `${homeInside}/.cargo`,
}

/** What every process of a sandbox starts with. */
export function variablesFor({ packages }: Pick<Shown, 'packages'>): Record<string, string> {
  return packages === undefined ? { ...variables } : { ...variables, ...packageVariables }
}
