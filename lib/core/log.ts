import winston from 'winston'
import type { Disposable } from './dispose.ts'
import { LogFile } from './log-file.ts'
import { Redactor } from './redact.ts'

export type LogLevel = 'error' | 'warn' | 'info' | 'debug'

/** What the program keeps about its own work, for whoever has to find out what went wrong. */
export interface Log extends Disposable {
  error(message: string, meta?: unknown): void
  warn(message: string, meta?: unknown): void
  info(message: string, meta?: unknown): void
  debug(message: string, meta?: unknown): void
  /** From now on `secret` never reaches the file, wherever it appears. */
  redact(secret: string): void
}

/**
 * A log of JSON lines: `level`, `message`, `time`, and `meta` where there is some; a stack for errors. Each line is in
 * the file when the call returns. Nothing that is passed in, and no state of the disk, makes a call throw.
 */
export function createLog({ file, level, largest, keep }: LogOptions): Log {
  const redactor = new Redactor()
  const transport = fileTransport(new LogFile(file, { largest, keep }))
  const { combine, errors, timestamp, json } = winston.format
  const redacted = winston.format((info) => Object.assign(info, redactor.data(info)))
  const logger = winston.createLogger({
    level,
    format: combine(errors({ stack: true }), redacted(), timestamp(), json()),
    transports: [transport],
    exitOnError: false,
  })
  const write = (at: LogLevel) => (message: string, meta?: unknown) => {
    try {
      // Named, so that winston does not mix a message of the data into ours.
      logger.log(meta === undefined ? { level: at, message } : { level: at, message, meta })
    } catch {
      logger.log({ level: at, message: 'A line of the log held data that cannot be kept.' })
    }
  }
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    redact: (secret) => redactor.add(secret),
    dispose: () => void logger.close(),
  }
}

interface TransportOptions {
  log(info: { [rendered]?: string }, next: () => void): void
  close(): void
}

/** winston's rendered line stands under this symbol. */
const rendered = Symbol.for('message')

// The types of winston know the class only as what its instances are.
const { Transport } = winston as unknown as { Transport: new (options: TransportOptions) => winston.transport }

/** Hands winston's lines to the file at once, instead of through a stream that a process's end would cut off. */
function fileTransport(target: LogFile): winston.transport {
  return new Transport({
    log(info, next) {
      target.append(info[rendered] ?? '')
      next()
    },
    close: () => target.close(),
  })
}

export interface LogOptions {
  file: string
  level: LogLevel
  /** Bytes after which a new file is begun, and how many old ones are kept. */
  largest?: number
  keep?: number
}
