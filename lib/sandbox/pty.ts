import { closeSync, constants, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { IPty } from '@lydell/node-pty'
import { Failure } from '../core/failure.ts'
import type { Size } from './sandbox.ts'

/** A program of the host on a terminal of its own. */
export interface Pty {
  write(text: string): void
  resize(size: Size): void
  /** Stops reading, so that the program waits once the terminal is full; or goes on. */
  pause(on: boolean): void
  /** Hangs up: the program gets SIGHUP. */
  hangUp(): void
}

export interface PtyOptions {
  file: string
  args: string[]
  /** The agent's own where it is left out. */
  env?: Record<string, string>
  size: Size
  /** Text as it comes, decoded as UTF-8 across reads. */
  onText: (text: string) => void
  /** Once, after all text. A program that is not there ends with 1; `signal` is 0 for one that ended by itself. */
  onExit: (code: number, signal: number) => void
}

/** The library behind a terminal, with the name of the package it was found in. */
export interface PtyLibrary {
  name: string
  spawn(
    file: string,
    args: string[],
    options: { name: string; cols: number; rows: number; env?: Record<string, string> },
  ): IPty
}

let loaded: PtyLibrary | undefined

/**
 * node-pty where it could be built, else the same code prebuilt; loaded at the first call.
 *
 * Errors: `Failure` `sandbox` where neither is there.
 */
export function loadPty(): PtyLibrary {
  if (loaded !== undefined) return loaded
  const require = createRequire(import.meta.url)
  for (const name of ['node-pty', '@lydell/node-pty']) {
    try {
      const { spawn } = require(name) as Pick<PtyLibrary, 'spawn'>
      loaded = { name, spawn }
      return loaded
    } catch {
      // the next one
    }
  }
  throw new Failure('sandbox', 'No terminal library could be loaded: reinstall Drydock on this system (npm install).')
}

/** Errors: `Failure` `sandbox` where no terminal can be had. */
export function openPty(options: PtyOptions): Pty {
  const { file, args, env, size } = options
  let pty: IPty
  try {
    pty = loadPty().spawn(file, args, { name: 'xterm-256color', ...size, env })
  } catch (cause) {
    if (cause instanceof Failure) throw cause
    throw new Failure('sandbox', `No terminal could be opened: ${(cause as Error).message}`, { cause })
  }
  const slave = holdOpen(pty)
  let ended = false
  pty.onData(options.onText)
  pty.onExit(({ exitCode, signal = 0 }) => {
    ended = true
    if (slave !== undefined) closeSync(slave)
    options.onExit(exitCode, signal)
  })
  return {
    write: (text) => {
      if (!ended) pty.write(text)
    },
    resize: (to) => {
      try {
        pty.resize(to.cols, to.rows)
      } catch {
        // It has just ended, and has no size any more.
      }
    },
    pause: (on) => {
      if (ended) return
      if (on) pty.pause()
      else pty.resume()
    },
    hangUp: () => {
      if (!ended) pty.kill()
    },
  }
}

/**
 * Keeps the program's end of the terminal open past the program: the system throws away what was not read yet when the
 * last one lets go of it.
 */
function holdOpen(pty: IPty): number | undefined {
  const { _pty: path } = pty as unknown as { _pty?: string }
  try {
    return path === undefined ? undefined : openSync(path, constants.O_RDWR | constants.O_NOCTTY)
  } catch {
    return undefined
  }
}
