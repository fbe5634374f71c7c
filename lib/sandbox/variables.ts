import { homeInside } from './mounts.ts'

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
