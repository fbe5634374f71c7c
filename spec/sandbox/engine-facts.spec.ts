import { expect } from 'chai'
import type { HostConfig } from 'dockerode'
import { userInside } from '../../lib/sandbox/container.ts'
import { type EngineAnswers, type EngineFacts, factsOf } from '../../lib/sandbox/engine-facts.ts'
import { hostConfig, lacks } from '../../lib/sandbox/limits.ts'

const machine = { platform: 'linux', kernel: '6.1.0-9-amd64' }
const socket = 'unix:///var/run/docker.sock'
const limits = { memory: 1000, cpus: 1.5, pids: 10, disk: 5000 }

/** As a Docker on this machine answers. */
function docker(change: Partial<EngineAnswers['info']> = {}): EngineAnswers {
  const info = {
    Driver: 'overlay2',
    CgroupVersion: '2',
    CgroupDriver: 'systemd',
    KernelVersion: machine.kernel,
    Architecture: 'x86_64',
    NCPU: 4,
    MemTotal: 8000,
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    MemoryLimit: true,
    CpuCfsQuota: true,
    PidsLimit: true,
    ...change,
  }
  return { info, version: { Version: '29.1.0', ApiVersion: '1.52', Components: [{ Name: 'Engine' }] } }
}

/** As podman does: its copy of Docker's answers tells neither that it is rootless nor which limits it holds. */
function podman(host: Partial<NonNullable<EngineAnswers['podman']>['host']> = {}): EngineAnswers {
  const components = [{ Name: 'Podman Engine', Details: { APIVersion: '4.3.1' } }]
  return {
    info: { ...docker().info, SecurityOptions: ['name=seccomp,profile=default'] },
    version: { Version: '4.3.1', ApiVersion: '1.41', Components: components },
    podman: {
      host: {
        cgroupVersion: 'v2',
        cgroupControllers: ['cpu', 'memory', 'pids'],
        security: { rootless: true, selinuxEnabled: false },
        idMappings: { uidmap: [{ size: 1 }, { size: 65536 }], gidmap: [{ size: 1 }, { size: 1000 }] },
        ...host,
      },
    },
  }
}

/** What decides how a sandbox is made. */
function traits(answers: EngineAnswers, host = socket): Partial<EngineFacts> {
  const { name, rootless, ids, remapped, selinux, here, unheld } = factsOf(host, answers, machine)
  return { name, rootless, ...(ids ? { ids } : {}), remapped, selinux, here, unheld }
}

const plain = { name: 'Docker', rootless: false, remapped: false, selinux: false, here: true, unheld: [] }

describe('what an engine says of itself', () => {
  it('is told whole', () => {
    expect(factsOf(socket, docker(), machine)).to.deep.equal({
      ...plain,
      version: '29.1.0',
      api: '1.52',
      host: socket,
      cgroup: 'v2 (systemd)',
      storage: 'overlay2',
      architecture: 'x86_64',
      cpus: 4,
      memory: 8000,
    })
  })

  it('makes Docker rootless, remapped or labelling', () => {
    const options = (...names: string[]) => docker({ SecurityOptions: names.map((name) => `name=${name}`) })
    expect(traits(options('rootless'))).to.deep.equal({ ...plain, rootless: true })
    expect(traits(options('userns'))).to.deep.equal({ ...plain, remapped: true })
    expect(traits(options('selinux'))).to.deep.equal({ ...plain, selinux: true })
    expect(traits(docker({ SecurityOptions: null }))).to.deep.equal(plain)
  })

  it('makes it elsewhere where its kernel is another, and on every system but Linux', () => {
    expect(traits(docker({ KernelVersion: '6.12.54-linuxkit' }))).to.deep.equal({ ...plain, here: false })
    expect(factsOf(socket, docker(), { ...machine, platform: 'darwin' }).here).to.equal(false)
  })

  it('names the limits that Docker does not hold', () => {
    expect(traits(docker({ PidsLimit: false, CpuCfsQuota: false })).unheld).to.deep.equal(['cpus', 'pids'])
    expect(traits(docker({ CgroupDriver: 'none' })).unheld).to.deep.equal(['memory', 'cpus', 'pids'])
  })

  it('names those that podman does not hold, by what it was handed', () => {
    const rootless = { ...plain, name: 'Podman', rootless: true, ids: { users: 65537, groups: 1001 } }
    expect(traits(podman())).to.deep.equal(rootless)
    expect(traits(podman({ cgroupControllers: ['memory', 'pids'] }))).to.deep.equal({ ...rootless, unheld: ['cpus'] })
    expect(traits(podman({ cgroupVersion: 'v1' })).unheld).to.deep.equal(['memory', 'cpus', 'pids'])
    const root = podman({ cgroupVersion: 'v1', security: { rootless: false, selinuxEnabled: true } })
    expect(traits(root)).to.deep.equal({ ...plain, name: 'Podman', selinux: true })
    expect(traits(podman({ cgroupControllers: null })).unheld).to.deep.equal(['memory', 'cpus', 'pids'])
  })
})

/** What a container is made with in an engine that differs from a plain one. */
function walls(change: Partial<EngineFacts> = {}): HostConfig {
  return hostConfig(limits, { ...factsOf(socket, docker(), machine), ...change })
}

function labels(change: Partial<EngineFacts>): string[] {
  return (walls(change).SecurityOpt as string[]).filter((option) => option.startsWith('label'))
}

function limited(change: Partial<EngineFacts>): HostConfig {
  const { Memory, MemorySwap, CpuPeriod, CpuQuota, PidsLimit, Ulimits } = walls(change)
  return { Memory, MemorySwap, CpuPeriod, CpuQuota, PidsLimit, Ulimits }
}

describe('a container in an engine', () => {
  it('has the person inside, who is root where the engine is not', () => {
    expect(userInside({ rootless: false }, { uid: 1000, gid: 100 })).to.deep.equal({ uid: 1000, gid: 100 })
    expect(userInside({ rootless: true }, { uid: 1000, gid: 100 })).to.deep.equal({ uid: 0, gid: 0 })
  })

  it('asks for the ids of the machine where the engine has others', () => {
    expect([walls().UsernsMode, walls({ remapped: true }).UsernsMode]).to.deep.equal([undefined, 'host'])
  })

  it('goes without a label where there are labels: those of the project are not changed', () => {
    expect([labels({ selinux: false }), labels({ selinux: true })]).to.deep.equal([[], ['label=disable']])
  })

  it('is limited by the kernel where the engine does not, as far as it goes, and says how far', () => {
    const core = { Name: 'core', Soft: 0, Hard: 0 }
    expect(limited({})).to.deep.equal({
      Memory: 1000,
      MemorySwap: 1000,
      CpuPeriod: 100_000,
      CpuQuota: 150_000,
      PidsLimit: 10,
      Ulimits: [core],
    })
    const none = {
      Memory: undefined,
      MemorySwap: undefined,
      CpuPeriod: undefined,
      CpuQuota: undefined,
      PidsLimit: undefined,
    }
    const data = { Name: 'data', Soft: 1000, Hard: 1000 }
    const unheld: EngineFacts['unheld'] = ['memory', 'cpus', 'pids']
    expect(limited({ unheld })).to.deep.equal({ ...none, Ulimits: [core, data] })
    const ids = { users: 65537, groups: 65537 }
    const nproc = { Name: 'nproc', Soft: 10, Hard: 10 }
    expect(limited({ unheld, ids })).to.deep.equal({ ...none, Ulimits: [core, data, nproc] })
    expect([lacks({ unheld: [] }), lacks({ unheld }), lacks({ unheld, ids })]).to.deep.equal([
      [],
      ['memory limited by process', 'no processor limit', 'no limit of processes'],
      ['memory limited by process', 'no processor limit'],
    ])
  })
})
