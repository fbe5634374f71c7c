import { count } from './format/tokens.ts'

/** Bytes that are given to a terminal at once: some drop a longer sequence (100,000 bytes as it is coded) without a word. */
export const largestCopy = 74_994

/** Characters that could do something where the text is pasted. Tabs and line ends stay. */
// oxlint-disable-next-line no-control-regex
const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g

/** Where copied text goes, and who is told. */
export interface ClipboardPorts {
  /** Hands a text to the terminal as its clipboard's (OSC 52, see Screen.setClipboard). */
  terminal(text: string): void
  /** Hands it to what keeps a clipboard on this machine, as tmux does inside of it; false where nothing took it. */
  machine(text: string): Promise<boolean>
  /** Says on the status line, for a moment, what was copied. */
  say(message: string): void
}

/**
 * The one way to the person's clipboard. A view hands over the text as the source has it: without gutters and other
 * decoration, without the line breaks that only the width of the screen made.
 */
export class Clipboard {
  private readonly ports: ClipboardPorts

  constructor(ports: ClipboardPorts) {
    this.ports = ports
  }

  /**
   * Copies a text, and says on the status line what was copied, or why it was not: a terminal takes `largestCopy` bytes,
   * tmux any. `what` names it: `the message`, `the code`; where absent, its size does. Control characters are left out.
   * Never throws; resolves once it is said.
   */
  async copy(text: string, what?: string): Promise<void> {
    const { terminal, machine, say } = this.ports
    const clean = text.replaceAll('\r\n', '\n').replace(controls, '')
    if (clean === '') return say('nothing to copy')
    const taken = await machine(clean).catch(() => false)
    const size = Buffer.byteLength(clean)
    if (!taken && size > largestCopy) {
      const [has, takes] = [Math.ceil(size / 1024), Math.floor(largestCopy / 1024)]
      return say(`not copied: these are ${has} KB, and a terminal takes ${takes} KB`)
    }
    if (!taken) terminal(clean)
    say(`copied ${what === undefined ? '' : `${what}, `}${sizeOf(clean)}`)
  }
}

function sizeOf(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n').length
  return lines > 1 ? count(lines, 'line') : count([...text].length, 'character')
}
