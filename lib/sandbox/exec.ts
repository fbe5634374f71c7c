import type { Duplex } from 'node:stream'
import type { Container } from 'dockerode'
import type { Exec, Hear, Program } from './enclosure.ts'

/**
 * Starts a program in a container, as `user` (`uid:gid`). Throws dockerode's error where the container is not there or does not run.
 */
export async function startExec(container: Container, user: string, program: Program, hear: Hear): Promise<Exec> {
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
  const stream: Duplex = await exec.start({ hijack: true, stdin: true, Tty: false })
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
