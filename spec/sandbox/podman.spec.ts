import { expect } from 'chai'
import type { ContainerCreateOptions } from 'dockerode'
import { podmanRequest } from '../../lib/sandbox/podman.ts'

const request: ContainerCreateOptions = {
  Image: 'image:tag',
  Hostname: 'drydock',
  Entrypoint: ['bash', '-c', 'wait'],
  Cmd: [],
  User: '65534:65534',
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
  WorkingDir: '/',
  Env: ['HOME=/home/agent', 'FORMULA=a=b'],
  Labels: { 'drydock.session': 'spec' },
  HostConfig: {
    AutoRemove: true,
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', 'seccomp={"a":"="}', 'label=disable'],
    ReadonlyRootfs: true,
    NetworkMode: 'none',
    IpcMode: 'private',
    Tmpfs: { '/tmp': 'rw,exec,mode=1777,size=10' },
    Memory: 1000,
    MemorySwap: 1000,
    CpuPeriod: 100,
    CpuQuota: 150,
    PidsLimit: 10,
    LogConfig: { Type: 'none', Config: {} },
    Ulimits: [{ Name: 'core', Soft: 0, Hard: 0 }],
    Mounts: [
      { Type: 'bind', Source: '/a:b,c', Target: '/project', ReadOnly: true },
      { Type: 'bind', Source: '/home', Target: '/home/agent' },
      {
        Type: 'volume',
        Source: '',
        Target: '/a:b,c',
        VolumeOptions: {
          NoCopy: true,
          Labels: {},
          DriverConfig: {
            Name: 'local',
            Options: { o: 'lowerdir=/a\\:b\\,c,upperdir=/u\\\\,workdir=/w,nosuid,userxattr' },
          },
        },
      },
    ],
  },
}

function asked(hostConfig: object, more: object = {}): () => unknown {
  const HostConfig = { ...request.HostConfig, ...hostConfig }
  return () => podmanRequest({ ...request, ...more, HostConfig }, '/file', undefined)
}

describe('a request to podman', () => {
  it('says what the same to Docker says', () => {
    expect(podmanRequest(request, '/run/seccomp.json', { users: 65537, groups: 1001 })).to.deep.equal({
      seccomp: '{"a":"="}',
      body: {
        image: 'image:tag',
        hostname: 'drydock',
        user: '65534:65534',
        work_dir: '/',
        entrypoint: ['bash', '-c', 'wait'],
        command: [],
        env: { HOME: '/home/agent', FORMULA: 'a=b' },
        labels: { 'drydock.session': 'spec' },
        stdin: true,
        remove: true,
        read_only_filesystem: true,
        cap_drop: ['ALL'],
        no_new_privileges: true,
        seccomp_profile_path: '/run/seccomp.json',
        selinux_opts: ['disable'],
        userns: { nsmode: 'private' },
        idmappings: {
          HostUIDMapping: false,
          HostGIDMapping: false,
          UIDMap: [{ container_id: 0, host_id: 0, size: 65537 }],
          GIDMap: [{ container_id: 0, host_id: 0, size: 1001 }],
        },
        netns: { nsmode: 'none' },
        ipcns: { nsmode: 'private' },
        log_configuration: { driver: 'none' },
        resource_limits: {
          memory: { limit: 1000, swap: 1000 },
          cpu: { quota: 150, period: 100 },
          pids: { limit: 10 },
        },
        r_limits: [{ type: 'core', soft: 0, hard: 0 }],
        mounts: [
          { type: 'tmpfs', source: 'tmpfs', destination: '/tmp', options: ['rw', 'exec', 'mode=1777', 'size=10'] },
          { type: 'bind', source: '/a:b,c', destination: '/project', options: ['bind', 'rprivate', 'ro'] },
          { type: 'bind', source: '/home', destination: '/home/agent', options: ['bind', 'rprivate', 'rw'] },
          {
            type: 'overlay',
            source: 'overlay',
            destination: '/a:b,c',
            options: ['lowerdir=/a\\:b\\,c', 'upperdir=/u\\\\', 'workdir=/w', 'nosuid', 'userxattr'],
          },
        ],
      },
    })
  })

  it('leaves nothing out silently', () => {
    expect(asked({ OomScoreAdj: 5 })).to.throw('OomScoreAdj')
    expect(asked({}, { StopSignal: 'SIGINT' })).to.throw('StopSignal')
    expect(asked({ SecurityOpt: ['seccomp={}', 'apparmor=mine'] })).to.throw('apparmor')
  })
})
