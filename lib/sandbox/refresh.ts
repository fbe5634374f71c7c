import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Container } from 'dockerode'
import type { Engine } from './engine.ts'
import { findHostTool } from './host-tools.ts'
import { mountPoints } from './mount-table.ts'

/** Where the helper has the workspace. */
const target = '/workspace'

const remount = ['--no-mtab', '-o', 'remount,nosuid,nodev', 'overlay']

export interface RefresherOptions {
  project: string
  /** Whether the engine is on this machine itself. */
  here: boolean
  /** An image whose programs are ours. */
  ownImage?: string
  /** Says whose whatever is made for it is. */
  labels: Record<string, string>
}

/**
 * How the overlay of a container forgets what it remembers of its lower layer: by a remount in place, which drops the
 * kernel's cache of it and leaves alone whoever is in there. That wants power over the mount, which nothing in the
 * container has: root does it on this machine; for anybody else the engine does, by a container of its own that has
 * nothing but the workspace, no network and one program of our own image, and is gone at once. What podman has mounted is
 * no volume, but in namespaces that are the person's: that program is run there. Undefined where none of it can be.
 */
export async function refresher(
  engine: Engine,
  container: Container,
  { project, here, ownImage, labels }: RefresherOptions,
): Promise<(() => Promise<void>) | undefined> {
  const { Mounts: mounts, State: state } = await container.inspect()
  const volume = mounts.find(({ Destination, Type }) => Destination === project && Type === 'volume')
  if (!volume) return here && ownImage !== undefined ? inNamespaces(state.Pid, project) : undefined
  const mount = findHostTool('mount')
  const mounted = here && (await mountPoints()).some(({ path }) => path === volume.Source)
  if (process.getuid!() === 0 && mount && mounted)
    return async () => void (await promisify(execFile)(mount, [...remount, volume.Source], { timeout: 10_000 }))
  return ownImage === undefined ? undefined : () => byHelper(engine, ownImage, volume.Name!, labels)
}

/** In those of a process of the container, which are the person's own; root needs no rights in them. */
function inNamespaces(pid: number, workspace: string): (() => Promise<void>) | undefined {
  const nsenter = findHostTool('nsenter')
  if (!nsenter) return undefined
  const users = process.getuid!() === 0 ? [] : ['--user', '--preserve-credentials']
  const words = ['--target', `${pid}`, ...users, '--mount', '--', '/usr/bin/mount', ...remount, workspace]
  return async () => void (await promisify(execFile)(nsenter, words, { timeout: 10_000, env: {} }))
}

async function byHelper(engine: Engine, image: string, volume: string, labels: Record<string, string>): Promise<void> {
  const helper = await engine.docker.createContainer({
    Image: image,
    Entrypoint: ['/usr/bin/mount'],
    Cmd: [...remount, target],
    User: '0:0',
    Labels: labels,
    NetworkDisabled: true,
    HostConfig: {
      AutoRemove: true,
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      CapAdd: ['SYS_ADMIN'],
      SecurityOpt: ['no-new-privileges', 'apparmor=unconfined'],
      Mounts: [{ Type: 'volume', Source: volume, Target: target, VolumeOptions: { NoCopy: true } as never }],
    },
  })
  const ended = helper.wait({ condition: 'next-exit' }) as Promise<{ StatusCode: number }>
  await helper.start()
  const { StatusCode: status } = await ended
  if (status !== 0) throw new Error(`mount ended with status ${status}`)
}
