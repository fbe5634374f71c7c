import { expect } from 'chai'
import { engineFindings } from '../../lib/cli/engine-findings.ts'
import type { EngineFacts } from '../../lib/sandbox/engine-facts.ts'

const docker: EngineFacts = {
  name: 'Docker',
  version: '29.1.0',
  api: '1.52',
  host: 'unix:///var/run/docker.sock',
  cgroup: 'v2 (systemd)',
  storage: 'overlay2',
  architecture: 'x86_64',
  cpus: 4,
  memory: 8000,
  rootless: false,
  remapped: false,
  selinux: false,
  here: true,
  unheld: [],
}

const podman: EngineFacts = {
  ...docker,
  name: 'Podman',
  version: '4.3.1',
  api: '1.41',
  libpod: '4.3.1',
  host: 'unix:///run/user/1000/podman/podman.sock',
  cgroup: 'v1 (cgroupfs)',
  storage: 'vfs',
  rootless: true,
  ids: { users: 65537, groups: 65537 },
  selinux: true,
  unheld: ['memory', 'cpus', 'pids'],
}

describe('what doctor says of an engine', () => {
  it('is one line with why it was taken, where nothing is amiss', () => {
    expect(engineFindings(docker, 'DOCKER_HOST', 'docker')).to.deep.equal([
      {
        about: 'engine',
        text: 'Docker 29.1.0, API 1.52, overlay2, cgroup v2 (systemd), at unix:///var/run/docker.sock (DOCKER_HOST)',
      },
    ])
  })

  it('warns of limits that do not hold, of slow storage and of a missing command', () => {
    const found = engineFindings(podman, 'it answers at a usual place', undefined)
    expect(found.map(({ about, text, minor = false }) => [about, text, minor])).to.deep.equal([
      [
        'engine',
        'Podman 4.3.1, API 1.41, vfs, cgroup v1 (cgroupfs), rootless, SELinux labels off for the sandbox, at unix:///run/user/1000/podman/podman.sock (it answers at a usual place)',
        false,
      ],
      ['limits', 'memory limited by process, no processor limit', true],
      ['storage', 'vfs: each start copies the whole image', true],
      ['podman', 'the podman command is not on the PATH', false],
    ])
    expect(found[1]!.todo).to.contain('unified_cgroup_hierarchy')
    const [, handed] = engineFindings({ ...podman, cgroup: 'v2 (systemd)', unheld: ['cpus'] }, '', 'podman')
    expect([handed!.text, handed!.todo]).to.deep.equal([
      'no processor limit',
      'Hand the controllers down to your processes: Delegate=cpu memory pids for user@.service (systemd.resource-control(5)).',
    ])
  })

  it('calls one that is not on this machine itself experimental', () => {
    const [, found] = engineFindings({ ...docker, here: false }, 'it answers at a usual place', 'docker')
    expect(found).to.deep.equal({
      about: 'engine',
      text: 'is not on this machine itself: experimental',
      todo: 'The project is copied instead of overlaid, and no socket crosses: programs inside reach no network.',
      minor: true,
    })
  })
})
