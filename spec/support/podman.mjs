// Podman for a test run, for those specs that run in an ordinary user's containers (spec/support/podman.ts). Plain Node.
import { apt, isDebian, onPath } from './debian.mjs'

/** Installs podman, and what it needs to work without root, where `consent` says that packages may be installed. */
export function ensurePodman({ consent }) {
  const wanted = { podman: 'podman', newuidmap: 'uidmap' }
  const packages = Object.keys(wanted)
    .filter((command) => !onPath(command))
    .map((command) => wanted[command])
  if (packages.length === 0 || !consent || process.getuid() !== 0 || !isDebian()) return
  console.log(`podman: installing ${packages.join(', ')}`)
  const install = () => apt('install', '-y', '--no-install-recommends', ...packages)
  try {
    install()
  } catch {
    // The lists of what there is may be old, or none yet.
    try {
      apt('update')
      install()
    } catch (error) {
      console.log(`podman: ${error.message}`)
    }
  }
}
