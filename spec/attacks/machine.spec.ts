import { attack, none } from './attack.ts'
import { calls, python } from './calls.ts'

/** What a program of root may write below /proc although it changes nothing but itself. */
const harmless = ['/proc/self/*', '/proc/thread-self/*', '/proc/[0-9]*']

attack(
  'the machine',
  [
    {
      what: 'the switches of the kernel that name a program to be run',
      script: none(
        'echo "|$VICTIM/secret.txt" > /proc/sys/kernel/core_pattern',
        'echo /tmp/x > /proc/sys/kernel/modprobe',
        'echo /tmp/x > /proc/sys/kernel/hotplug',
        'echo /tmp/x > /sys/kernel/uevent_helper',
        'echo add > /sys/class/mem/null/uevent',
        'mkdir -p /tmp/cgroup && mount -t cgroup -o rdma cgroup /tmp/cgroup && echo /tmp/x > /tmp/cgroup/release_agent',
        'mount -t cgroup2 none /tmp/cgroup',
        'echo ":x:M::x::/tmp/x:" > /proc/sys/fs/binfmt_misc/register',
        'mount -t binfmt_misc none /tmp',
        'mount -t securityfs none /tmp',
        'mount -t debugfs none /tmp',
        'mount -t sysfs none /tmp',
        'mount -t proc none /tmp',
      ),
      ends: '',
    },
    {
      what: 'the switches that stop, slow or blind the machine',
      script: none(
        'echo c > /proc/sysrq-trigger',
        'echo 1 > /proc/sys/kernel/sysrq',
        'echo 1 > /proc/sys/vm/drop_caches',
        'echo 0 > /proc/sys/kernel/randomize_va_space',
        'echo 0 > /proc/sys/kernel/yama/ptrace_scope',
        'echo x > /proc/sys/kernel/hostname',
        'echo 1 > /proc/sys/user/max_user_namespaces',
        'echo mem > /sys/power/state',
        'echo 0 > /sys/devices/system/cpu/cpu1/online',
        'echo max > /sys/fs/cgroup/pids.max',
        'echo -1 > /sys/fs/cgroup/memory/memory.limit_in_bytes',
        'echo 100000 > /sys/fs/cgroup/pids/pids.max',
        'echo 0 > /proc/irq/default_smp_affinity',
        'echo base=0x0 disable > /proc/mtrr',
      ),
      ends: '',
    },
    {
      what: 'anything else that could be written below /proc and /sys',
      script: `find /proc /sys -mindepth 1 ${harmless.map((path) => `! -path '${path}'`).join(' ')} -type f 2>/dev/null | while read -r file; do [ -f "$file" ] && { true >> "$file"; } 2>/dev/null && echo "$file"; done | grep -v '^/proc/pressure/'`,
      ends: '',
    },
    {
      what: 'what the kernel keeps from the eyes of ordinary people',
      script:
        'for file in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/latency_stats /proc/kallsyms /proc/kmsg; do [ -s "$file" ] || timeout 1 head -c 16 "$file" 2>/dev/null | tr -d "\\0 \\n0" | grep -q . && echo "$file"; done; dmesg 2>/dev/null | head -n 1; true',
      ends: '',
    },
    {
      what: 'the first process: its end, its stop, its memory, its program, its folders',
      script: `for signal in KILL STOP TERM INT HUP SEGV TSTP; do kill -$signal 1 2>/dev/null; done; ${none(
        'cat /proc/1/environ',
        'cat /proc/1/mem',
        'echo x > /proc/1/mem',
        'readlink /proc/1/fd/0 || cat /proc/1/fd/0',
        'echo x > /proc/1/fd/1',
        'ls /proc/1/root/',
        'ls /proc/1/cwd/',
        'echo x > /proc/1/exe',
        'cat /proc/1/stack',
      )}; sed -n 's/^State:\\s*//p' /proc/1/status`,
      ends: 'S (sleeping)',
    },
    {
      what: 'ptrace, memory by number, and a handle on the first process or one of the host',
      script: python(`
host = int(os.environ['HOST_PID'])
for pid in (1, host):
    buffer = ctypes.create_string_buffer(8)
    vector = struct.pack('QQ', ctypes.addressof(buffer), 8)
    handle = libc.syscall(ctypes.c_long(434), ctypes.c_long(pid), ctypes.c_long(0))
    print(call((101, 117), 16, pid, 0, 0), call((101, 117), 0x4206, pid, 0, 0), call((310, 270), pid, vector, 1, vector, 1, 0),
          call((311, 271), pid, vector, 1, vector, 1, 0), call(438, handle, 0, 0), pid == 1 or attempt(lambda: os.kill(pid, 9)))`),
      ends: /^EPERM EPERM EPERM EPERM EPERM True\nESRCH ESRCH ESRCH ESRCH (EPERM|EBADF) ESRCH$/,
    },
    {
      what: 'its own end, with that of everything that it can see',
      script: 'kill -STOP -1; kill -KILL -1; echo alone',
      ends: 'alone',
    },
    {
      what: 'a terminal that it was not given',
      script: `${python("print(attempt(lambda: os.open('/dev/tty', os.O_RDWR)))")}\nfind /dev/pts /dev/console -mindepth 1 ! -name ptmx 2>/dev/null`,
      ends: 'ENXIO',
    },
  ],
  calls,
)

attack('the network', [
  {
    what: 'an interface besides its own loopback, and a route',
    script: `tail -n +3 /proc/net/dev | sed 's/:.*//; s/ //g'; tail -n +2 /proc/net/route; grep -v ' lo$' /proc/net/ipv6_route; true`,
    ends: 'lo',
  },
  {
    what: "servers on the host's loopback and at the bridge of its containers",
    script: `python3 - <<'PROGRAM'
import os, socket
for address in os.environ['ADDRESSES'].split():
    host, port = address.split(':')
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as one:
                one.settimeout(2)
                one.connect((host, int(port)))
                one.send(b'x')
                print(one.recv(100).decode())
        except OSError as error:
            print(error.strerror)
PROGRAM`,
    ends: /^Connection refused\nConnection refused(\nNetwork is unreachable\nNetwork is unreachable)?$/,
  },
  {
    what: "the host's sockets by name, in its files and in no file",
    script: `python3 - <<'PROGRAM'
import os, socket
for name in (os.environ['SOCKET'], '\\0' + os.environ['ABSTRACT'], '\\0/containerd-shim/x.sock'):
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print('reached')
    except OSError as error:
        print(error.strerror)
PROGRAM`,
    ends: 'No such file or directory\nConnection refused\nConnection refused',
  },
  {
    what: 'an interface of its own making, and packets past the rules',
    script: `python3 - <<'PROGRAM'
import fcntl, socket, struct
def attempt(act):
    try:
        act()
        return 'done'
    except OSError as error:
        return error.strerror
control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
up = struct.pack('16sh22x', b'lo', 0)
print(attempt(lambda: fcntl.ioctl(control, 0x8914, up)))
print(attempt(lambda: open('/dev/net/tun', 'rb+', buffering=0)))
print(attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 255)))
print(attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1).sendto(b'\\x08\\0\\0\\0\\0\\0\\0\\0', ('127.0.0.1', 0))))
PROGRAM`,
    ends: /^Operation not permitted\nNo such file or directory\nOperation not permitted\n(Permission denied|done)$/,
  },
])
