import { Duplex } from 'node:stream'
import type { Container, Exec as EngineExec } from 'dockerode'
import type { Exec, Hear, Program } from './enclosure.ts'

/** The programs started in one container, as `user` (`uid:gid`). */
export class Execs {
  private readonly container: Container
  private readonly user: string
  private readonly asked = new Set<AbortController>()
  private readonly connections = new Set<Duplex>()

  constructor(container: Container, user: string) {
    this.container = container
    this.user = user
  }

  /** Starts a program. Throws dockerode's error where the container is not there or does not run. */
  async start(program: Program, hear: Hear): Promise<Exec> {
    const { exec, connection } = await this.begin(program)
    const demultiplex = demultiplexer(hear)
    connection.on('data', demultiplex)
    const closed = new Promise<void>((resolve) => {
      connection.on('close', resolve)
      connection.on('end', resolve)
      // A broken connection ends the stream, and that is all there is to know about it.
      connection.on('error', () => resolve())
    })
    return {
      write: (data) => void connection.write(data),
      end: () => void connection.end(),
      closed,
      status: async () => {
        try {
          const { Running, ExitCode } = await exec.inspect()
          return Running ? null : ExitCode
        } catch {
          return null
        }
      },
      drop: () => void connection.destroy(),
    }
  }

  /** Starts a program whose standard input and output are one stream; its standard error is not read. Throws as above. */
  async stream(program: Program): Promise<Duplex> {
    const { connection } = await this.begin(program)
    return new ExecStream(connection)
  }

  /**
   * Lets go of all of them. Podman does not by itself where the container has ended: it leaves connections open and
   * requests without an answer.
   */
  drop(): void {
    for (const asked of this.asked) asked.abort()
    for (const connection of this.connections) connection.destroy()
  }

  private async begin(program: Program): Promise<{ exec: EngineExec; connection: Duplex }> {
    const asked = new AbortController()
    const { signal: abortSignal } = asked
    this.asked.add(asked)
    try {
      const exec = await this.container.exec({
        Cmd: program.argv,
        User: this.user,
        WorkingDir: program.cwd,
        Env: Object.entries(program.env ?? {}).map(([name, value]) => `${name}=${value}`),
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
        abortSignal,
      })
      const connection = await exec.start({ hijack: true, stdin: true, Tty: false, abortSignal })
      this.connections.add(connection)
      connection.once('close', () => this.connections.delete(connection))
      return { exec, connection }
    } finally {
      this.asked.delete(asked)
    }
  }
}

/** The engine's connection to a program, with its standard output taken out of the frames. */
class ExecStream extends Duplex {
  private readonly connection: Duplex

  constructor(connection: Duplex) {
    // Once its output has ended, nothing reads what is written to it.
    super({ allowHalfOpen: false })
    this.connection = connection
    const demultiplex = demultiplexer((chunk, stream) => {
      if (stream === 'stdout' && !this.push(chunk)) connection.pause()
    })
    connection.on('data', demultiplex)
    connection.once('end', () => this.push(null))
    connection.once('close', () => {
      // After an end there may be output that nobody has read yet.
      if (!connection.readableEnded) this.destroy()
    })
    connection.on('error', () => this.destroy())
    connection.pause()
  }

  override _read(): void {
    this.connection.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    // A connection that is gone ends this stream by its close.
    this.connection.write(chunk, () => done())
  }

  override _final(done: () => void): void {
    this.connection.end()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.connection.destroy()
    done(error)
  }
}

/**
 * Takes Docker's stream apart: frames of [kind, 0, 0, 0, length as 4 bytes big-endian] and that many bytes, kind 1
 * being standard output and 2 standard error (Docker Engine API, ContainerAttach).
 */
export function demultiplexer(hear: Hear): (chunk: Buffer) => void {
  let header = Buffer.alloc(0)
  let left = 0
  let stream: 'stdout' | 'stderr' = 'stdout'
  return (chunk) => {
    let at = 0
    while (at < chunk.length) {
      if (left === 0) {
        const piece = chunk.subarray(at, at + 8 - header.length)
        header = Buffer.concat([header, piece])
        at += piece.length
        if (header.length < 8) return
        stream = header[0] === 2 ? 'stderr' : 'stdout'
        left = header.readUInt32BE(4)
        header = Buffer.alloc(0)
      } else {
        const piece = chunk.subarray(at, at + left)
        at += piece.length
        left -= piece.length
        hear(piece, stream)
      }
    }
  }
}
