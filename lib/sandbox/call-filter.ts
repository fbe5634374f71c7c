/**
 * What the embedded sandbox takes from the kernel's calls, as a seccomp filter (seccomp(2)): the ways past the walls that
 * need no capability (io_uring, sockets to the machine's own host, namespaces), the keys of the person's session, and
 * what only widens the kernel's surface. A container has the engine's longer list.
 */

/** Numbers of calls by architecture, as Node names it (linux: arch/x86/entry/syscalls, include/uapi/asm-generic). */
interface Calls {
  /** AUDIT_ARCH_… */
  audit: number
  /** From here on calls are of another interface (x32). */
  foreign?: number
  prctl: number
  socket: number
  clone: number
  refused: number[]
}

/** io_uring_setup, io_uring_enter, io_uring_register, pidfd_getfd; the same everywhere. */
const refusedEverywhere = [425, 426, 427, 438]

const architectures: Partial<Record<string, Calls>> = {
  x64: {
    audit: 0xc000003e,
    foreign: 0x40000000,
    prctl: 157,
    socket: 41,
    clone: 56,
    // unshare, setns, keyctl, add_key, request_key, bpf, userfaultfd, perf_event_open
    refused: [...refusedEverywhere, 272, 308, 250, 248, 249, 321, 323, 298],
  },
  arm64: {
    audit: 0xc00000b7,
    prctl: 167,
    socket: 198,
    clone: 220,
    refused: [...refusedEverywhere, 97, 268, 219, 217, 218, 280, 282, 241],
  },
}

const clone3 = 435
const vsock = 40
const kernelCrypto = 38
/** CLONE_NEW… of all namespaces. */
const newNamespaces = 0x7e020000

const errno = { EPERM: 1, ENOSYS: 38, EAFNOSUPPORT: 97 }

/** Words that run the program after them under the filter; empty where there is no filter for this machine. */
export function filtered(perl: string | undefined, architecture: string): string[] {
  const calls = architectures[architecture]
  if (perl === undefined || calls === undefined) return []
  // No language that every system has can make this call, but for perl, which Debian and its kin are not without.
  const install =
    'my $f = pack "H*", shift; my $p = pack "S x6 P", length($f) / 8, $f; ' +
    `syscall(${calls.prctl}, 22, 2, $p) == 0 or die "no filter of calls: $!\\n"; exec { $ARGV[0] } @ARGV; die "$ARGV[0]: $!\\n"`
  return [perl, '-e', install, program(calls).toString('hex')]
}

/** The filter as an array of struct sock_filter (linux/filter.h). */
function program({ audit, foreign, socket, clone, refused }: Calls): Buffer {
  const instructions: Buffer[] = []
  const add = (code: number, value: number, then = 0, otherwise = 0) => {
    const instruction = Buffer.alloc(8)
    instruction.writeUInt16LE(code, 0)
    instruction.writeUInt8(then, 2)
    instruction.writeUInt8(otherwise, 3)
    instruction.writeUInt32LE(value, 4)
    instructions.push(instruction)
  }
  // Offsets in struct seccomp_data: the call's number, the architecture, the first argument's lower half.
  const load = (offset: 0 | 4 | 16) => add(0x20, offset)
  const allow = () => add(0x06, 0x7fff0000)
  const refuse = (error: number) => add(0x06, 0x00050000 | error)
  /** Refuses what compares (BPF_JEQ, BPF_JGE, BPF_JSET) with the value. */
  const refuseIf = (compare: 0x15 | 0x35 | 0x45, value: number, error: number) => {
    add(compare, value, 0, 1)
    refuse(error)
  }

  load(4)
  add(0x15, audit, 1, 0)
  refuse(errno.ENOSYS)
  load(0)
  if (foreign !== undefined) refuseIf(0x35, foreign, errno.ENOSYS)
  // Its flags lie in memory, where a filter cannot look; programs fall back on clone.
  refuseIf(0x15, clone3, errno.ENOSYS)
  for (const call of refused) refuseIf(0x15, call, errno.EPERM)
  add(0x15, clone, 0, 4)
  load(16)
  refuseIf(0x45, newNamespaces, errno.EPERM)
  allow()
  add(0x15, socket, 0, 5)
  load(16)
  refuseIf(0x15, vsock, errno.EAFNOSUPPORT)
  refuseIf(0x15, kernelCrypto, errno.EAFNOSUPPORT)
  allow()
  return Buffer.concat(instructions)
}
