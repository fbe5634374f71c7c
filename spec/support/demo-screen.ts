/**
 * A small program with a screen, for specs of the terminal itself. It shows what it hears, and its argument says how it
 * ends when `x` is pressed.
 */
import { spawn } from 'node:child_process'
import { openScreen } from '../../lib/tui/screen.ts'
import { shippedTheme } from './fake-screen.ts'

const heard: string[] = []
/** A program that has the terminal meanwhile. */
const lent = 'echo lent; read line; exit ${#line}'
const hostile = '\x1b[31mred\x1b[0m {bold}tag{/bold} \u202eevil \x07bell \x9b2J \ud800 ' + 'long '.repeat(20_000)

const screen = openScreen({
  stdin: process.stdin,
  stdout: process.stdout,
  term: process.env.TERM ?? '',
  theme: shippedTheme(),
  depth: 'truecolor',
  mouse: true,
  escapeMs: 25,
  title: 'Demo',
  process,
})
screen.pane({ left: 0, top: 0 }, (canvas) => {
  canvas.text(1, 0, `ready ${canvas.width}x${canvas.height}`, 'strong')
  canvas.text(1, 1, heard.slice(-3).join(' '), 'normal')
  if (process.argv[2] === 'hostile') canvas.text(1, 2, hostile, 'error')
  canvas.cursor(0, 1)
})
screen.onKey(({ key }) => {
  heard.push(key)
  screen.request()
  if (key === 'z') return screen.suspend()
  if (key === 'l') {
    const lend = () => new Promise((done) => spawn('sh', ['-c', lent], { stdio: 'inherit' }).on('close', done))
    return void screen.lend(lend).then((status) => heard.push(`lent:${status}`))
  }
  if (key !== 'x') return
  if (process.argv[2] === 'throw') throw new Error('thrown on purpose')
  if (process.argv[2] === 'reject') return void Promise.reject(new Error('rejected on purpose'))
  if (process.argv[2] === 'exit') process.exit(3)
  screen.dispose()
})
screen.onMouse(({ action, col, row }) => {
  heard.push(`${action}@${col},${row}`)
  screen.request()
})
screen.onPaste(({ text }) => {
  heard.push(`pasted:${text.length}`)
  screen.request()
})
