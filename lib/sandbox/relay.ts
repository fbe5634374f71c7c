import type { Duplex } from 'node:stream'

/**
 * Carries bytes between two streams, both ways, until both have ended. An end goes over as an end; when one side is
 * gone, so is the other once it was given what was under way.
 */
export function relay(one: Duplex, other: Duplex): void {
  carry(one, other)
  carry(other, one)
}

function carry(from: Duplex, to: Duplex): void {
  from.pipe(to)
  // How a connection breaks is of no interest to the other side.
  from.on('error', () => to.destroy())
  from.on('close', () => {
    if (from.readableEnded && !to.writableFinished) to.once('finish', () => to.destroy())
    else to.destroy()
  })
}
