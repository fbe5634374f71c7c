import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type HostFile, homeInside } from './mounts.ts'

export interface Identity {
  uid: number
  gid: number
}

/**
 * Git's lowest-ranking settings: a name to commit under where neither the project nor the person gives one, and trust
 * in folders of another owner, of which /project may be one.
 */
const gitconfig = `[user]
	name = Drydock
	email = drydock@localhost
[safe]
	directory = *
[init]
	defaultBranch = main
`

/**
 * Writes what gives the user inside a name, a home and git's defaults, and makes the folders that are theirs to fill. Gives
 * the files to show inside. `inside` is what the user is there, where that is somebody else.
 */
export async function writeIdentity(options: {
  user: Identity
  inside?: Identity
  home: string
  packages?: string
  runtimeDir: string
}): Promise<HostFile[]> {
  const { uid, gid } = options.inside ?? options.user
  const users = [`root:x:0:0:root:${homeInside}:/bin/bash`, 'nobody:x:65534:65534:nobody:/nonexistent:/bin/false']
  const groups = ['root:x:0:', 'nogroup:x:65534:']
  if (uid !== 0 && uid !== 65534) users.push(`agent:x:${uid}:${gid}:Drydock:${homeInside}:/bin/bash`)
  if (gid !== 0 && gid !== 65534) groups.push(`agent:x:${gid}:`)
  const generated: Record<string, string> = {
    passwd: `${users.join('\n')}\n`,
    group: `${groups.join('\n')}\n`,
    gitconfig,
  }
  await mkdir(options.runtimeDir, { recursive: true })
  const files: HostFile[] = []
  for (const [name, content] of Object.entries(generated)) {
    const file = join(options.runtimeDir, name)
    await writeFile(file, content)
    // The umask of the person may be narrower than what everybody inside has to read.
    await chmod(file, 0o644)
    files.push({ source: file, target: `/etc/${name}` })
  }
  for (const folder of [options.home, options.packages])
    if (folder !== undefined) await provideFolder(folder, options.user)
  return files
}

async function provideFolder(folder: string, { uid, gid }: Identity): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const there = await stat(folder)
  if (process.getuid?.() === 0 && there.uid !== uid) await chown(folder, uid, gid)
  // Who worked in it before may have closed it to whoever comes after.
  if ((there.mode & 0o700) !== 0o700) await chmod(folder, 0o700)
}
