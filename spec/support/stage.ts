import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { agentPath, makePlace } from './agent.ts'
import { type Answer, startModelServer } from './model-server.ts'
import { type Tmux, tmuxIn } from './tmux.ts'
import { type VirtualTerminal, openTerminal } from './virtual-terminal.ts'

const patienceMs = 5_000

/** What is looked for on the screen. */
export type Wanted = string | RegExp | ((rows: string[]) => boolean)

/** Where a story plays: the built program on a real pty, bare or in tmux, driven as by a person. */
export interface Stage extends Pick<VirtualTerminal, 'press' | 'type' | 'paste' | 'resize' | 'cells'> {
  /** The project's folder, and the size that every story begins and ends with. */
  readonly project: string
  readonly size: { cols: number; rows: number }
  /** What the model answers to the next requests. */
  says(...answers: Answer[]): void
  /** The last request that the model got, as text. */
  asked(): string
  /** Types a prompt and sends it. */
  ask(prompt: string): void
  /** Resolves once no turn is at work. */
  idle(): Promise<void>
  /** Waits until the screen shows it, or shows it no more; else an error that has the screen. */
  sees(wanted: Wanted): Promise<void>
  misses(text: string): Promise<void>
  rows(): string[]
  /** The cell in which a text begins that is on the screen once or more: the last of them. */
  find(text: string): { col: number; row: number }
  click(text: string): void
  /** Presses the left button on the first cell of one text, and lets go on the last cell of another. */
  drag(from: string, to: string): void
  /** Presses the left button on a cell, and lets go some columns further. */
  dragCell(at: { col: number; row: number }, columns: number): void
  wheel(way: 'up' | 'down', over: string, notches?: number): void
  /** Resolves once this was copied: given to the terminal's clipboard, or to tmux's. */
  copied(text: string): Promise<void>
  /** In tmux: resolves once tmux and the terminal around it show the same. */
  agrees(): Promise<void>
  /** The terminal around it all, and the tmux in it where it is in tmux. */
  readonly terminal: VirtualTerminal
  readonly tmux: Tmux
  close(): Promise<void>
}

export interface StageOptions {
  where: 'bare' | 'tmux'
  config: string
  files: Record<string, string>
  size: { cols: number; rows: number }
}

/** Opens the program on a project of these files; its model says what the story has it say. */
export async function openStage({ where, config, files, size }: StageOptions): Promise<Stage> {
  const answers: Answer[] = []
  const server = await startModelServer({ respond: () => answers.shift() ?? { text: 'There is nothing to say.' } })
  const place = makePlace({ OPENAI_API_KEY: 'spec-key', OPENAI_BASE_URL: server.url })
  place.write('.config/drydock/config.toml', config)
  const project = place.project(files)
  const tmux = tmuxIn(place)
  const agent = [process.execPath, agentPath]
  const argv = where === 'bare' ? agent : tmux.begin(...agent)
  const terminal = openTerminal({ argv, cwd: project, env: place.env, ...size })
  const find = (text: string) => {
    const row = terminal.screen().findLastIndex((one) => one.includes(text))
    if (row < 0) throw new Error(`There is no ${text} on the screen:\n${terminal.screen().join('\n')}`)
    // Of wide characters the second cell is an empty text.
    const cells = terminal.cells()[row]!
    const col = cells.findLastIndex((_, at) => cells.slice(at).map((cell) => cell.text).join('').startsWith(text)) // prettier-ignore
    return { col, row }
  }
  const clipboard = () => (where === 'bare' ? clipboardOf(terminal.output) : tmux.run('show-buffer'))
  const inside = () => tmux.run('capture-pane', '-p').replace(/ +$/gm, '').trimEnd()
  const around = () => terminal.screen().join('\n').trimEnd()
  const misses = (text: string) => terminal.waitFor((rows) => !rows.join('\n').includes(text), patienceMs)
  return {
    project,
    size,
    terminal,
    tmux,
    press: terminal.press,
    type: terminal.type,
    paste: terminal.paste,
    resize: terminal.resize,
    cells: terminal.cells,
    says: (...more) => void answers.splice(0, answers.length, ...more),
    asked: () => JSON.stringify(server.requests.at(-1)?.body ?? {}),
    ask: (prompt) => terminal.type(`${prompt}\r`),
    sees: (wanted) =>
      terminal.waitFor(wanted instanceof RegExp ? (rows) => wanted.test(rows.join('\n')) : wanted, patienceMs),
    misses,
    idle: () => misses('esc cancel'),
    rows: terminal.screen,
    find,
    click(text) {
      const { col, row } = find(text)
      terminal.click(col, row)
    },
    drag(from, to) {
      const [begin, end] = [find(from), find(to)]
      terminal.drag(begin.col, begin.row, end.col + to.length - 1, end.row)
    },
    dragCell: ({ col, row }, columns) => terminal.drag(col, row, col + columns, row),
    wheel(way, over, notches = 1) {
      const { col, row } = find(over)
      for (let notch = 0; notch < notches; notch++) terminal.wheel(way, col, row)
    },
    copied: (text) => same(clipboard, () => text),
    agrees: () => (where === 'bare' ? Promise.resolve() : same(inside, around)),
    async close() {
      tmux.kill()
      terminal.dispose()
      await server.close()
      place.dispose()
    },
  }
}

/** Resolves once both are the same; after a while it is an error, which has both. */
async function same(has: () => string | undefined, wanted: () => string): Promise<void> {
  for (const end = performance.now() + patienceMs; has() !== wanted(); await delay(10))
    if (performance.now() > end) return void expect(has()).to.equal(wanted())
}

/** The text that was given last to the terminal's clipboard (OSC 52). */
function clipboardOf(output: string): string | undefined {
  const last = [...output.matchAll(/\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)/g)].at(-1)
  return last && Buffer.from(last[1]!, 'base64').toString()
}
