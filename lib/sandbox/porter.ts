import type { Duplex } from 'node:stream'
import type { Disposable } from '../core/dispose.ts'
import { Failure } from '../core/failure.ts'
import type { Sandbox } from './sandbox.ts'
import { trickle } from './trickle.ts'

/** What lets the text below hold bash's own braces. */
const $ = '$'

/**
 * The program at the door, inside: it leads ports to sockets, and tells which ports listen.
 *
 * Arguments: PORT SOCKET, any number of times. For each it keeps a socat that carries connections to 127.0.0.1:PORT to
 * the socket; a port that something else has taken is left to it. Where the socket is `-`, each connection waits at an
 * abstract one of its own to be fetched (knocks.ts), for 15 s, and a line `+ PORT NUMBER` says so; a socat that speaks to a
 * porter who was ended is ended first. Four times a second, and where nothing has moved for long once, it looks whether the
 * number of sockets has changed, and where it has, or else every twentieth time, at the kernel's tables of them (proc(5):
 * /proc/net; the numbers cost the kernel microseconds, the tables milliseconds). Where these changed it prints a line of
 * every ADDRESS:PORT that listens, as the kernel writes them; `!` says that there is no socat. All by builtins. It ends with
 * its standard input.
 */
const program = String.raw`
declare -A sockets pids tries up
while (($# > 1)); do sockets[$1]=$2 tries[$1]=0; shift 2; done
if ((${$}{#sockets[@]} > 0)) && ! type -P socat >/dev/null; then echo '!'; sockets=(); fi

count() {
  local lines=() lines6=()
  [[ -r /proc/net/sockstat6 ]] && mapfile -t -n 1 lines6 </proc/net/sockstat6
  mapfile -t -n 2 lines </proc/net/sockstat
  counted="${$}{lines[0]} ${$}{lines[1]%% orphan*} ${$}{lines6[0]}"
}

look() {
  local table lines line address
  found= up=()
  for table in /proc/net/tcp /proc/net/tcp6; do
    [[ -r $table ]] || continue
    mapfile -t -s 1 lines <"$table"
    for line in "${$}{lines[@]}"; do
      [[ $line == *' 0A '* && ${$}{#found} -lt 8000 ]] || continue
      read -r _ address _ <<<"$line"
      found+=" $address"
      up[$((16#${$}{address##*:}))]=1
    done
  done
}

how=bind=127.0.0.1,fork,reuseaddr,backlog=128
knock='echo "+ $port $$" >&2; exec socat -t 60 - ABSTRACT-LISTEN:drydock-$$,accept-timeout=15 2>/dev/null'

lead() {
  local at="TCP4-LISTEN:$1,$how"
  exec </dev/null
  if [[ $2 != - ]]; then exec socat -t 60 "$at" "UNIX-CONNECT:$2" >/dev/null 2>&1; fi
  port=$1 knock=$knock exec socat -lf /dev/null -t 60 "$at" 'SYSTEM:eval $knock' 2>&1 >/dev/null
}

oust() {
  local process word
  for process in /proc/[0-9]*; do
    while IFS= read -r -d '' word; do
      if [[ $word == "TCP4-LISTEN:$1,$how" ]]; then kill -KILL "${$}{process#/proc/}"; fi
    done <"$process/cmdline"
  done
} 2>/dev/null

for port in "${$}{!sockets[@]}"; do
  if [[ ${$}{sockets[$port]} == - ]]; then oust "$port"; fi
done

said=- known=- still=0 paces=(0.25 0.9)
while true; do
  count
  if [[ $counted != "$known" ]]; then still=0; fi
  if ((still++ % 20 == 0)); then
    known=$counted
    look
    if [[ $found != "$said" ]]; then echo "$found"; said=$found; fi
  fi
  pause=${$}{paces[still >= 20]}
  for port in "${$}{!sockets[@]}"; do
    if [[ -n ${$}{up[$port]} ]]; then tries[$port]=0; continue; fi
    if [[ -z ${$}{pids[$port]} ]] || ! kill -0 "${$}{pids[$port]}" 2>/dev/null; then
      lead "$port" "${$}{sockets[$port]}" &
      pids[$port]=$!
      ((tries[$port] += 1))
    fi
    ((tries[$port] < 5)) && pause=0.02
  done
  read -r -t "$pause" _
  (($? > 128)) || exit 0
done
`

/** Something inside that waits for connections. */
export interface Listening {
  port: number
  /** Where to connect to it from inside. */
  host: string
}

export interface PorterOptions {
  /** Ports of 127.0.0.1 inside, and the sockets, as they are named inside, that they lead to; `-` where one has to knock. */
  doors: ReadonlyMap<number, string>
  /** Hears of a connection to such a port, and of the number by which it waits to be fetched. */
  onKnock?: (port: number, id: number) => void
  /** Hears what else listens, each time that changes. */
  onListening: (listening: Listening[]) => void
  /** Hears, once, why the doors are shut. */
  onProblem: (failure: Failure) => void
}

/** Milliseconds for all doors to be open. */
const openingMs = 10_000
/** Milliseconds before a porter that was ended is put back. */
const againMs = 1000
/** Characters of a line that is still believed. */
const longestLine = 16_384
/**
 * Milliseconds in which one line at most is heard, and bytes that are read in them: the program says less, but anybody inside
 * can speak in its place.
 */
const quietMs = 100
const mostRead = 16_384

/** Keeps the program at the door at work for as long as the sandbox lives, since anybody inside may end it. */
export class Porter implements Disposable {
  private readonly sandbox: Sandbox
  private readonly options: PorterOptions
  private stream: Duplex | undefined
  private timer: NodeJS.Timeout | undefined
  private pause: NodeJS.Timeout | undefined
  private said = ''
  private disposed = false
  private isShut = false
  private opened!: () => void

  constructor(sandbox: Sandbox, options: PorterOptions) {
    this.sandbox = sandbox
    this.options = options
  }

  /** Settles once every door is open or never will be. Errors: `Failure` `sandbox` where the sandbox takes no program. */
  async start(): Promise<void> {
    const open = new Promise<void>((resolve) => (this.opened = resolve))
    await this.run()
    const timer = setTimeout(() => this.shut('did not open in time'), openingMs)
    await open
    clearTimeout(timer)
  }

  dispose(): void {
    this.disposed = true
    clearTimeout(this.timer)
    clearTimeout(this.pause)
    this.stream?.destroy()
    this.opened?.()
  }

  private async run(): Promise<void> {
    const doors = [...this.options.doors].flatMap(([port, socket]) => [String(port), socket])
    const stream = await this.sandbox.stream(['bash', '--norc', '--noprofile', '-c', program, 'porter', ...doors])
    if (this.disposed) return void stream.destroy()
    this.stream = stream
    let rest = ''
    trickle(stream, { bytes: mostRead, ms: quietMs }, (chunk) => {
      const text = rest + chunk.toString('latin1')
      const end = text.lastIndexOf('\n')
      rest = text.slice(end + 1).slice(0, longestLine)
      if (end < 0) return
      const lines = text.slice(0, end).split('\n')
      for (const line of lines) this.knock(line)
      const last = lines.findLast((line) => !line.startsWith('+'))
      if (last !== undefined) this.take(last)
    })
    stream.on('error', () => stream.destroy())
    stream.once('close', () => {
      if (this.disposed) return
      // Where that fails, the sandbox has gone.
      this.timer = setTimeout(() => void this.run().catch(() => this.opened()), againMs)
    })
  }

  private knock(line: string): void {
    const [, port, id] = /^\+ (\d{1,5}) (\d{1,10})$/.exec(line) ?? []
    if (this.options.doors.get(Number(port)) === '-') this.options.onKnock?.(Number(port), Number(id))
  }

  /** What was said last is how things are: it is heard, at once or when it is time. */
  private take(line: string): void {
    this.said = line
    if (this.pause !== undefined) return
    this.hear(line)
    this.pause = setTimeout(() => {
      this.pause = undefined
      if (!this.disposed && this.said !== line) this.take(this.said)
    }, quietMs)
  }

  private hear(line: string): void {
    if (line === '!') return this.shut('there is no socat in it')
    const all = listeningIn(line)
    const { doors } = this.options
    const ports = new Set(all.map(({ port }) => port))
    if ([...doors.keys()].every((port) => ports.has(port))) this.opened()
    this.options.onListening(all.filter(({ port }) => !doors.has(port)))
  }

  private shut(why: string): void {
    this.opened()
    if (this.isShut) return
    this.isShut = true
    const text = `Nothing in the sandbox can reach the network or a service of this machine: ${why}.`
    this.options.onProblem(new Failure('sandbox', text))
  }
}

/** What a line of the program says, by port; each port once, and by IPv4 where it can be had so. */
export function listeningIn(line: string): Listening[] {
  const found = new Map<number, Listening>()
  for (const [, address, hex] of line.matchAll(/\b([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\b/g)) {
    const port = Number.parseInt(hex!, 16)
    const host = hostOf(address!)
    if (port > 0 && !found.get(port)?.host.includes('.')) found.set(port, { port, host })
  }
  return [...found.values()].toSorted((a, b) => a.port - b.port)
}

/** An address as the kernel prints it: words of four bytes, each in the machine's order, which is the reverse. */
function hostOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex')
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse()
  if (bytes.length === 4) return bytes.readUInt32BE() === 0 ? '127.0.0.1' : bytes.join('.')
  if (bytes.every((byte) => byte === 0)) return '127.0.0.1'
  const mapped = bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff'
  if (mapped) return bytes.subarray(12).join('.')
  return bytes.toString('hex').replace(/(.{4})(?!$)/g, '$1:')
}
