import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadImage } from './podman.ts'
import { engineOrSkip } from './sandbox.ts'

/** Root's podman, as a service in a folder of its own. */
export interface RootPodman {
  /** As DOCKER_HOST has it. */
  host: string
  /** A home for those who work in it; it goes with this. */
  home: string
  dispose(): Promise<void>
}

/**
 * What stands before the runtime: podman asks it for more open files and processes than root may have on machines that hold root
 * itself to a limit (without CAP_SYS_RESOURCE), and no container starts there.
 */
const runtime = `#!/usr/bin/python3
import json, os, sys
words = sys.argv[1:]
def without_limits(file, found):
    with open(file) as opened: config = json.load(opened)
    process = found(config)
    asked = ('RLIMIT_NOFILE', 'RLIMIT_NPROC')
    process['rlimits'] = [limit for limit in process.get('rlimits') or [] if limit['type'] not in asked]
    with open(file, 'w') as opened: json.dump(config, opened)
for word, value in zip(words, words[1:]):
    if 'create' in words and word in ('--bundle', '-b'): without_limits(value + '/config.json', lambda config: config['process'])
    if 'exec' in words and word in ('--process', '-p'): without_limits(value, lambda config: config)
os.execvp('runc', ['runc', *words])
`

/** Starts it, with the specs' image in it. Where it cannot be had the specs are pending, and the run says why. */
export async function rootPodmanOrSkip(context: Mocha.Context): Promise<RootPodman> {
  const specs = await engineOrSkip(context)
  const skip = (reason: string): never => {
    console.error(`    root's podman: no specs in it: ${reason}`)
    return context.skip()
  }
  if (process.getuid!() !== 0) return skip('only root has it')
  const missing = ['podman', 'runc', 'python3'].filter((command) => spawnSync(command, ['--version']).error)
  if (missing.length > 0) return skip(`${missing.join(' and ')} cannot be run`)
  const folder = mkdtempSync(join(tmpdir(), 'drydock-root-podman-'))
  const [wrapper, settings, socket] = ['runtime', 'containers.conf', 'podman.sock'].map((name) => join(folder, name))
  writeFileSync(wrapper!, runtime)
  chmodSync(wrapper!, 0o755)
  writeFileSync(
    settings!,
    `[engine]\ncgroup_manager = "cgroupfs"\nruntime = "held"\n[engine.runtimes]\nheld = ["${wrapper}"]\n`,
  )
  for (const name of ['images', 'home']) mkdirSync(join(folder, name))
  chmodSync(folder, 0o755) // others than root work below the home
  const options = { env: { ...process.env, CONTAINERS_CONF: settings } }
  const place = ['--root', join(folder, 'images'), '--runroot', join(folder, 'run')]
  await loadImage(specs, place, options)
  const words = [...place, 'system', 'service', '--time', '0', `unix://${socket}`]
  const service = spawn('podman', words, { ...options, stdio: 'ignore' })
  const ended = once(service, 'close')
  while (!existsSync(socket!)) await Promise.race([sleep(50), ended.then(() => Promise.reject(new Error('it ended')))])
  return {
    host: `unix://${socket}`,
    home: join(folder, 'home'),
    dispose: async () => {
      service.kill()
      await ended
      // What it has mounted for its images is podman's own to take away.
      spawnSync('podman', [...place, 'system', 'reset', '--force'], { ...options, stdio: 'ignore' })
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
