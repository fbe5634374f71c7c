import { existsSync, readFileSync } from 'node:fs'
import { Failure } from '../core/failure.ts'
import { capture } from './command.ts'
import { hostTool, ownUnshare } from './host-tools.ts'

/** Why the embedded sandbox does not work on this machine, and what to do about it. */
export interface Obstacle {
  reason: string
  /** One line or more. */
  todo: string
}

/** Milliseconds that the attempt may take. */
const patienceMs = 5000

/** Tries what the embedded sandbox begins with; undefined where it works. */
export async function embeddedObstacle(): Promise<Obstacle | undefined> {
  const engine = 'Install a container engine instead'
  if (process.platform !== 'linux') return { reason: 'it is for Linux alone', todo: `${engine}.` }
  try {
    for (const name of ['bash', 'nsenter', 'setpriv', 'setsid'] as const) hostTool(name)
    const args = ['--user', '--map-root-user', '--mount', '--pid', '--net', '--ipc', '--uts', '--fork', '--']
    const { code, stderr } = await capture(hostTool('unshare'), [...args, 'mount', '-t', 'tmpfs', 'tmpfs', '/sys'], {
      signal: AbortSignal.timeout(patienceMs),
    })
    return code === 0 ? undefined : forbidden(stderr.trim().split('\n').at(-1) || `unshare ended with ${code}`)
  } catch (error) {
    if (error instanceof Failure) return { reason: 'a program of the system is missing', todo: error.message }
    return { reason: (error as Error).message, todo: `${engine}.` }
  }
}

/** What forbids namespaces to an ordinary user, by the switches of those kernels that have them; `said`: by the attempt. */
export function forbidden(said: string, setting = settingOf): Obstacle {
  if (setting('kernel/unprivileged_userns_clone') === '0') {
    return {
      reason: 'the kernel gives user namespaces to root alone (kernel.unprivileged_userns_clone)',
      todo: 'Allow them: echo kernel.unprivileged_userns_clone=1 | sudo tee /etc/sysctl.d/60-drydock.conf && sudo sysctl --system',
    }
  }
  if (setting('user/max_user_namespaces') === '0') {
    return {
      reason: 'the kernel is set to make no user namespaces (user.max_user_namespaces)',
      todo: 'Allow some: echo user.max_user_namespaces=10000 | sudo tee /etc/sysctl.d/60-drydock.conf && sudo sysctl --system',
    }
  }
  if (setting('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return {
      reason: 'AppArmor gives user namespaces to no program that it does not know',
      todo: `Allow them to Drydock alone:\n${allowedByAppArmor}`,
    }
  }
  const inside = existsSync('/.dockerenv') || existsSync('/run/.containerenv')
  if (inside)
    return { reason: `this is a container, which allows no namespaces (${said})`, todo: 'Run Drydock outside.' }
  return { reason: said, todo: 'Install a container engine instead, or ask who looks after this machine.' }
}

/** A copy of unshare that the person alone may run, and a profile for it: unshare itself stays as it was. */
const allowedByAppArmor = `sudo install -D -m 0550 -g "$(id -gn)" /usr/bin/unshare ${ownUnshare}
sudo tee /etc/apparmor.d/drydock >/dev/null <<'PROFILE'
abi <abi/4.0>,
profile drydock ${ownUnshare} flags=(unconfined) {
  userns,
}
PROFILE
sudo apparmor_parser -r /etc/apparmor.d/drydock`

function settingOf(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim()
  } catch {
    return undefined
  }
}
