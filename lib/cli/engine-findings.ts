import type { EngineFacts } from '../sandbox/engine-facts.ts'
import { lacks } from '../sandbox/limits.ts'
import type { Finding } from './finding.ts'

/** What `agent doctor` says of an engine that answers. `origin`: why it was taken; `command`: what opens the shell. */
export function engineFindings(facts: EngineFacts, origin: string, command: string | undefined): Finding[] {
  const { name, version, api, storage, cgroup, host, rootless, selinux, here } = facts
  const words = [
    `${name} ${version}`,
    `API ${api}`,
    storage,
    `cgroup ${cgroup}`,
    ...(rootless ? ['rootless'] : []),
    ...(selinux ? ['SELinux labels off for the sandbox'] : []),
    `at ${host} (${origin})`,
  ]
  const found: Finding[] = [{ about: 'engine', text: words.join(', ') }]
  if (!here)
    found.push({
      about: 'engine',
      text: 'is not on this machine itself: experimental',
      todo: 'The project is copied instead of overlaid, and no socket crosses: programs inside reach no network.',
      minor: true,
    })
  const lacking = lacks(facts)
  if (lacking.length > 0)
    found.push({ about: 'limits', text: lacking.join(', '), todo: limitsTodo(facts), minor: true })
  if (storage === 'vfs')
    found.push({
      about: 'storage',
      text: 'vfs: each start copies the whole image',
      todo: 'Set driver = "overlay" in ~/.config/containers/storage.conf (containers-storage.conf(5)).',
      minor: true,
    })
  if (command === undefined)
    found.push({
      about: name === 'Podman' ? 'podman' : 'docker',
      text: `the ${name.toLowerCase()} command is not on the PATH`,
      todo: 'Install it (Debian and Ubuntu: docker.io, podman): the shell of the sandbox is opened with it.',
    })
  return found
}

function limitsTodo({ cgroup, rootless }: EngineFacts): string {
  if (!rootless) return 'The kernel of the engine does not have these control groups: see docker info.'
  return cgroup.startsWith('v1')
    ? 'An engine without root holds limits by control groups v2 only: boot with systemd.unified_cgroup_hierarchy=1.'
    : 'Hand the controllers down to your processes: Delegate=cpu memory pids for user@.service (systemd.resource-control(5)).'
}
