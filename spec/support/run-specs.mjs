import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import prepare from './prepare.cjs'

/**
 * Runs spec files in some processes at once, each of which takes the next file when it is done with one; `files` may be
 * a list, or give them as time goes by. What a file has said is printed when it has ended, what failed once more at the end,
 * before the ten slowest files. Gives the counts. What is no spec's failure counts as one: a file that cannot be loaded, a
 * process that ends before its files do, or not by itself after them (a leaked handle, a rejection nobody handled).
 */
export async function runSpecs(files, env, { lanes = 1, say = (text) => process.stdout.write(text) } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-spec-'))
  const source = files[Symbol.asyncIterator]?.() ?? files[Symbol.iterator]()
  const ended = []
  const add = (file, outcome, ms) => ended.push({ file, ms, ...outcome })
  try {
    const names = Array.from({ length: lanes }, (_, index) => join(folder, `${index}.log`))
    await Promise.all(names.map((log) => runLane(source, { log, env, say, add })))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  for (const { file, failed } of ended) if (failed) say(`\n${file}\n${failed}`)
  say(`\nThe slowest files:\n${slowest(ended).join('\n')}\n`)
  const sum = (name) => ended.reduce((total, one) => total + one[name], 0)
  return { passes: sum('passes'), failures: sum('failures'), pending: sum('pending') }
}

/** One of the processes, started with its first file, and anew where it broke down. */
async function runLane(source, { log, env, say, add }) {
  const output = openSync(log, 'a')
  let printed = 0
  const print = () => {
    const text = readFileSync(log).subarray(printed)
    printed += text.length
    say(text.toString())
  }
  let lane
  for (let next = await source.next(); !next.done; next = await source.next()) {
    const file = next.value
    const began = performance.now()
    lane ??= start(output, env)
    lane.child.send(file)
    const outcome = await Promise.race([once(lane.child, 'message').then(([told]) => told), lane.end])
    print()
    add(file, outcome.failed === undefined ? broken(outcome, '') : outcome, performance.now() - began)
    if (outcome.failed === undefined) lane = undefined
  }
  if (lane) {
    lane.child.disconnect()
    const end = await lane.end
    print()
    if (end.status !== 0) add('after the last spec', broken(end), 0)
  }
  closeSync(output)
}

function start(output, env) {
  const words = ['--import', 'tsx', 'spec/support/lane.mjs', ...(process.stdout.isTTY ? ['--color'] : [])]
  const child = spawn(process.execPath, words, { cwd: prepare.root, env, stdio: ['ignore', output, output, 'ipc'] })
  return { child, end: once(child, 'exit').then(([status, signal]) => ({ status, signal })) }
}

function broken({ status, signal }) {
  const failed = `  The process of these specs ended with ${signal ?? `status ${status}`}: what it said stands above.\n`
  return { passes: 0, failures: 1, pending: 0, failed }
}

function slowest(ended) {
  const longest = ended.filter(({ ms }) => ms > 0).toSorted((one, other) => other.ms - one.ms)
  return longest.slice(0, 10).map(({ file, ms }) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${file}`)
}
