// A process that runs spec files with mocha, one after the other, as spec/support/run-specs.mjs tells it: each is loaded and run
// by itself, while what they import is loaded once.
import { readFileSync } from 'node:fs'
import { format } from 'node:util'
import Mocha from 'mocha'
import { mochaHooks } from './setup.ts'

/** Soak runs write and remove millions of files beside each other: an example that names no limit of its own gets longer. */
const patience = process.env.DRYDOCK_SOAK === undefined ? 1 : 6
const timeout = JSON.parse(readFileSync('.mocharc.json', 'utf8')).timeout * patience
const { Base, Spec } = Mocha.reporters

process.on('message', async (file) => process.send(await run(file)))
process.on('disconnect', mochaHooks.afterAll)

/** The counts of a file, and its failures as text. */
async function run(file) {
  let outcome
  /** mocha's own listing; what it says at its end is told instead. */
  class Listing extends Spec {
    epilogue() {
      const { passes, failures, pending } = this.stats
      outcome = { passes, failures, pending, failed: failures > 0 ? listed(this.failures) : '' }
    }
  }
  const mocha = new Mocha({ timeout, reporter: Listing, color: process.argv.includes('--color') })
  mocha.addFile(file)
  try {
    await mocha.loadFilesAsync()
    await new Promise((ended) => void mocha.run(ended))
    return outcome
  } catch (error) {
    return { passes: 0, failures: 1, pending: 0, failed: `  could not be loaded:\n${error.stack}\n` }
  }
}

function listed(failures) {
  const print = Base.consoleLog
  let text = ''
  Base.consoleLog = (...words) => void (text += `${format(...words)}\n`)
  try {
    Base.list(failures)
  } finally {
    Base.consoleLog = print
  }
  return text
}
