import { Duplex } from 'node:stream'
import type { Container, Exec as EngineExec } from 'dockerode'
import type { Exec, Hear, Program } from './enclosure.ts'

/**
 * Starts a program in a container, as `user` (`uid:gid`). Throws dockerode's error where the container is not there or does not run.
 */
export async function startExec(container: Container, user: string, program: Program, hear: Hear): Promise<Exec> {
  const { exec, stream } = await begin(container, user, program)
  const demultiplex = demultiplexer(hear)
  stream.on('data', demultiplex)
  const closed = new Promise<void>((resolve) => {
    stream.on('close', resolve)
    stream.on('end', resolve)
    // A broken connection ends the stream, and that is all there is to know about it.
    stream.on('error', () => resolve())
  })
  return {
    write: (data) => void stream.write(data),
    end: () => void stream.end(),
    closed,
    status: async () => {
      try {
        const { Running, ExitCode } = await exec.inspect()
        return Running ? null : ExitCode
      } catch {
        return null
      }
    },
    drop: () => void stream.destroy(),
  }
}

/** Starts a program whose standard input and output are one stream; its standard error is not read. Throws as above. */
export async function streamExec(container: Container, user: string, program: Program): Promise<Duplex> {
  const { stream } = await begin(container, user, program)
  return new ExecStream(stream)
}

async function begin(
  container: Container,
  user: string,
  program: Program,
): Promise<{ exec: EngineExec; stream: Duplex }> {
  const exec = await container.exec({
    Cmd: program.argv,
    User: user,
    WorkingDir: program.cwd,
    Env: Object.entries(program.env ?? {}).map(([name, value]) => `${name}=${value}`),
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
  })
  return { exec, stream: await exec.start({ hijack: true, stdin: true, Tty: false }) }
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
