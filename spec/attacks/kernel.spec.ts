import { attack } from './attack.ts'
import { calls, python } from './calls.ts'

/** Calls of the kernel that lead past walls, or that have so often been a way in. */
attack(
  'the kernel',
  [
    {
      what: 'io_uring, by either interface',
      script: python('print(call(425, 4, 0), call(426, 0, 0, 0, 0, 0), call(427, 0, 0, 0, 0), old(425, 4))'),
      ends: /^EPERM EPERM EPERM (EPERM|ENOSYS)$/,
    },
    {
      what: 'AF_VSOCK, which leads to the machine under this one, by every way to ask for it',
      script: python(`
stream, datagram = (attempt(lambda kind=kind: socket.socket(40, kind)) for kind in (1, 2))
pair = attempt(lambda: socket.socketpair(40, 1))
words = low([40, 1, 0])
print(stream, datagram, pair, old(359, 40, 1), old(102, 1, words))`),
      ends: /^EAFNOSUPPORT EAFNOSUPPORT (EAFNOSUPPORT|ENOTSUP) (EAFNOSUPPORT|ENOSYS) ENOSYS$/,
    },
    {
      what: 'AF_ALG, AF_PACKET and raw sockets',
      script: python(`
print(attempt(lambda: socket.socket(38, 5)), attempt(lambda: socket.socket(17, 3)), attempt(lambda: socket.socket(17, 2)),
      attempt(lambda: socket.socket(2, 3, 1)), attempt(lambda: socket.socket(10, 3, 58)))`),
      ends: 'EAFNOSUPPORT EPERM EPERM EPERM EPERM',
    },
    {
      what: 'AF_NETLINK: an address, a route, an event as from the kernel',
      script: python(`
def ask(protocol, message, group=0):
    with socket.socket(16, 3, protocol) as link:
        link.bind((0, 0))
        link.sendto(message, (0, group))
        if protocol != 0: return
        number = struct.unpack('i', link.recv(4096)[16:20])[0]
        if number: raise OSError(-number, '')
head = lambda kind, body: struct.pack('IHHII', 16 + len(body), kind, 0x405, 1, 0) + body
address = head(20, struct.pack('BBBBI', 2, 24, 0, 0, 1) + struct.pack('HH4B', 8, 2, 10, 1, 2, 3))
route = head(24, struct.pack('BBBBBBBBI', 2, 0, 0, 0, 254, 3, 0, 1, 0) + struct.pack('HHI', 8, 4, 1))
print(attempt(lambda: ask(0, address)), attempt(lambda: ask(0, route)), attempt(lambda: ask(15, b'add@/x\\0', 1)))`),
      ends: /^EPERM EPERM (EPERM|ECONNREFUSED|EAFNOSUPPORT)$/,
    },
    {
      what: 'bpf, userfaultfd, perf_event_open, the keys of the person',
      script: python(`
attributes = ctypes.create_string_buffer(128)
print(call((321, 280), 0, attributes, 72), call((321, 280), 5, attributes, 72), call((323, 282), 0), call((323, 282), 1),
      call((298, 241), attributes, 0, -1, -1, 0), call((250, 219), 0, -3, 0), call((250, 219), 1, 0, 0),
      call((248, 217), b'user', b'x', b'y', 1, -3), call((249, 218), b'user', b'x', 0, -3))`),
      ends: Array.from({ length: 9 }, () => 'EPERM').join(' '),
    },
    {
      what: 'new namespaces, by unshare, clone, clone3 and the 32-bit interface',
      script: python(`
kinds = (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x4000000, 0x8000000, 0x2000000)
print(*{call((272, 97), kind) for kind in kinds}, *{call((56, 220), kind | 17, 0, 0, 0, 0) for kind in kinds}, call(435, 0, 0),
      *{old(310, kind) for kind in kinds}, *{old(120, kind | 17) for kind in kinds})`),
      ends: /^EPERM EPERM ENOSYS (EPERM|ENOSYS) (EPERM|ENOSYS)$/,
    },
    {
      what: 'setns into the namespaces of the first process, and its own',
      script: python(`
import glob
def enter(path):
    with open(path) as held:
        if libc.setns(held.fileno(), 0) == -1: raise OSError(ctypes.get_errno(), '')
print(*{attempt(lambda: enter(path)) for path in glob.glob('/proc/1/ns/*') + glob.glob('/proc/self/ns/*')})`),
      ends: /^(EPERM|EACCES|EINVAL|EUSERS)( (EPERM|EACCES|EINVAL|EUSERS))*$/,
    },
    {
      what: 'mount, umount, pivot_root and chroot, and the newer calls for mounts',
      script: python(`
print(call((165, 40), b'none', b'/tmp', b'tmpfs', 0, 0), call((165, 40), b'/', b'/tmp', 0, 4096, 0), call((165, 40), 0, b'/project', 0, 32, 0),
      call((166, 39), b'/project', 2), call((155, 41), b'/tmp', b'/tmp'), call((161, 51), b'/tmp'),
      call(428, -100, b'/', 1), call(429, -100, b'/', -100, b'/tmp', 0), call(430, b'tmpfs', 0), call(433, -100, b'/', 0), call(442, -100, b'/project', 0, struct.pack('QQQQ', 0, 1, 0, 0), 32))`),
      ends: /^EPERM( (EPERM|ENOSYS)){10}$/,
    },
    {
      what: 'code for the kernel, another kernel, a reboot, swap, accounting',
      script: python(`
print(call((175, 105), 0, 0, b''), call((313, 273), 0, b'', 0), call((176, 106), b'x', 0), call((246, 104), 0, 0, 0, 0),
      call((169, 142), 0xfee1dead, 0x28121969, 0x1234567, 0), call((167, 224), b'/tmp/x', 0), call((163, 89), b'/tmp/x'), call((103, 116), 3, 0, 0))`),
      ends: /^(EPERM|ENOSYS)( (EPERM|ENOSYS)){7}$/,
    },
    {
      what: 'the clock, the names of the machine, its ports',
      script: python(`
time = struct.pack('qq', 0, 0)
print(call((227, 112), 0, time), call((164, 170), time, 0), call((170, 161), b'x', 1), call((171, 162), b'x', 1),
      call(173, 0, 8, 1) if x86 else 'EPERM', call(172, 3) if x86 else 'EPERM')`),
      ends: /^EPERM( EPERM){3}( (EPERM|ENOSYS)){2}$/,
    },
    {
      what: 'a file by its handle, past every folder',
      script: python(`
handle = struct.pack('Ii8s', 8, 1, struct.pack('Q', 2))
root = os.open('/', os.O_RDONLY)
print(call((304, 265), root, handle, 0))`),
      ends: 'EPERM',
    },
    {
      what: 'more of a limit than it was given, and a better place in the queue',
      script: python(`
import resource
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
print(attempt(lambda: os.nice(-5)), hard == 0 or 'core', attempt(lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))),
      'held' if attempt(lambda: os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000')) in ('EACCES', 'EPERM') else 'lowered')
try: resource.setrlimit(resource.RLIMIT_CORE, (1, 1))
except ValueError: print('held')`),
      ends: /^(EPERM|EACCES) True EPERM held\nheld$/,
    },
  ],
  calls,
)
