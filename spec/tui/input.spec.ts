import { expect } from 'chai'
import type { InputEvent } from '../../lib/tui/events.ts'
import { InputDecoder } from '../../lib/tui/input.ts'
import { thrown, type Random } from '../support/random.ts'

const rounds = process.env.DRYDOCK_SOAK === undefined ? 500 : 20_000

/** The events of the bytes, in short: keys by name, typed text after `=`. */
function heard(bytes: string | Buffer): string[] {
  const decoder = new InputDecoder()
  const events = decoder.feed(Buffer.from(bytes as string))
  return [...events, ...decoder.flush()].map(short)
}

function short(event: InputEvent): string {
  switch (event.type) {
    case 'key':
      return event.text === undefined || event.text === event.key ? event.key : `${event.key}=${event.text}`
    case 'mouse': {
      const held = (['ctrl', 'alt', 'shift'] as const).filter((modifier) => event[modifier]).map((name) => `${name}+`)
      return `${held.join('')}${event.action} ${event.button} ${event.col},${event.row}`
    }
    case 'paste':
      return `paste ${JSON.stringify(event.text)}`
    case 'focus':
      return event.focused ? 'focus' : 'blur'
    case 'reply':
      return `reply ${event.text}`
  }
}

describe('The input decoder', () => {
  const table: [what: string, bytes: string, events: string[]][] = [
    ['letters', 'aB?', ['a', 'B', '?']],
    ['the space bar', ' ', ['space= ']],
    ['letters with accents, one event each', 'é', ['é']],
    ['a letter and its combining accent together', 'e\u0301x', ['e\u0301', 'x']],
    ['an emoji as one key', '👩‍👩‍👧🇩🇪', ['👩‍👩‍👧', '🇩🇪']],
    [
      'control characters',
      '\x00\x01\x10\x1a\x1c\x1d\x1e\x1f',
      'space a p z \\ ] ^ _'.split(' ').map((k) => `ctrl+${k}`),
    ],
    ['named control characters', '\t\r\x7f\x08\n', ['tab', 'enter', 'backspace', 'backspace', 'ctrl+j']],
    ['a lone Escape', '\x1b', ['escape']],
    ['two Escapes', '\x1b\x1b', ['escape', 'escape']],
    ['alt with a letter', '\x1bp\x1bP\x1b?', ['alt+p', 'alt+shift+p', 'alt+?']],
    ['alt with a letter beyond ASCII', '\x1béa', ['alt+é', 'a']],
    [
      'alt with enter, backspace, space, control',
      '\x1b\r\x1b\x7f\x1b \x1b\x10',
      ['alt+enter', 'alt+backspace', 'alt+space', 'ctrl+alt+p'],
    ],
    ['alt with what begins sequences', '\x1b[', ['alt+[']],
    ['alt+shift+o', '\x1bO', ['alt+shift+o']],
    ['alt+]', '\x1b]', ['alt+]']],
    ['arrows', '\x1b[A\x1b[B\x1b[C\x1b[D\x1bOA', ['up', 'down', 'right', 'left', 'up']],
    [
      'arrows with modifiers',
      '\x1b[1;5C\x1b[1;2A\x1b[1;3D\x1b[1;8B',
      ['ctrl+right', 'shift+up', 'alt+left', 'ctrl+alt+shift+down'],
    ],
    ['alt as a doubled Escape', '\x1b\x1b[A', ['alt+up']],
    [
      'home, end and the like',
      '\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[2~\x1b[3~\x1b[5~\x1b[6~\x1b[3;5~',
      ['home', 'end', 'home', 'end', 'insert', 'delete', 'pageup', 'pagedown', 'ctrl+delete'],
    ],
    ['function keys', '\x1bOP\x1bOS\x1b[15~\x1b[24~\x1b[1;2R\x1b[[B', ['f1', 'f4', 'f5', 'f12', 'shift+f3', 'f2']],
    ['shift+tab', '\x1b[Z', ['shift+tab']],
    ['the number pad', '\x1bOM\x1bOp\x1bOk', ['enter', '0', '+']],
    [
      'kitty keys',
      '\x1b[27u\x1b[13;2u\x1b[112;5u\x1b[105;5u\x1b[97;4u\x1b[9;5u',
      ['escape', 'shift+enter', 'ctrl+p', 'ctrl+i', 'alt+shift+a', 'ctrl+tab'],
    ],
    ['kitty text', '\x1b[97;2u\x1b[47:63;2u\x1b[32;2u\x1b[57400u', ['A', '?', 'space= ', '1']],
    ['kitty releases and bare modifiers', '\x1b[97;1:3u\x1b[57441;2u\x1b[1;1:3A', []],
    [
      'xterm modifyOtherKeys',
      '\x1b[27;2;13~\x1b[27;5;13~\x1b[27;6;80~\x1b[27;6;63~\x1b[27;5;9~',
      ['shift+enter', 'ctrl+enter', 'ctrl+shift+p', 'ctrl+?', 'ctrl+tab'],
    ],
    [
      'the mouse',
      '\x1b[<0;1;1M\x1b[<0;3;2m\x1b[<2;300;70M\x1b[<1;5;5M',
      ['down left 0,0', 'up left 2,1', 'down right 299,69', 'down middle 4,4'],
    ],
    [
      'drag, motion, wheel',
      '\x1b[<32;4;4M\x1b[<35;4;5M\x1b[<64;1;1M\x1b[<65;1;1M\x1b[<66;1;1M',
      ['drag left 3,3', 'move none 3,4', 'wheel up 0,0', 'wheel down 0,0'],
    ],
    ['the mouse with modifiers', '\x1b[<20;1;1M\x1b[<8;1;1M', ['ctrl+shift+down left 0,0', 'alt+down left 0,0']],
    ['two mouse events and a key in one read', '\x1b[<0;1;1M\x1b[<0;1;1mq', ['down left 0,0', 'up left 0,0', 'q']],
    ['the old mouse, swallowed', '\x1b[M !!q', ['q']],
    ['focus', '\x1b[I\x1b[O', ['focus', 'blur']],
    [
      'answers of the terminal',
      '\x1b[?62;4c\x1b[?2026;2$y\x1b[12;40R\x1b[>41;370;0c\x1b[?1u\x1b]11;rgb:1111/1313/1a1a\x1b\\\x1b]10;x\x07\x1bP1+r544e\x1b\\q',
      [
        'reply [?62;4c',
        'reply [?2026;2$y',
        'reply [12;40R',
        'reply [>41;370;0c',
        'reply [?1u',
        'reply ]11;rgb:1111/1313/1a1a',
        'reply ]10;x',
        'reply P1+r544e',
        'q',
      ],
    ],
    ['a paste', '\x1b[200~one\r\ntwo\rthree é\x1b[201~q', ['paste "one\\ntwo\\nthree é"', 'q']],
    ['an empty paste', '\x1b[200~\x1b[201~', ['paste ""']],
    ['sequences inside a paste as text', '\x1b[200~\x1b[A\x1b[20\x1b[201~', ['paste "\\u001b[A\\u001b[20"']],
    ['unknown sequences, swallowed', '\x1b[99x\x1b[1;2;3;4z\x1bO~\x1b[5yq', ['q']],
    ['a sequence broken off by another', '\x1b[12\x1b[Aq', ['up', 'q']],
    ['a sequence broken off by a control character', '\x1b[1;\x03q', ['ctrl+c', 'q']],
    ['a string broken off by Enter', '\x1b]52;c;zzz\rq', ['enter', 'q']],
    [
      'sequences begun by a control of eight bits',
      '\u009b31mq\u009bA\u009d0;title\x07\u008fPé',
      ['q', 'up', 'reply ]0;title', 'f1', 'é'],
    ],
    ['other controls of eight bits, dropped', '\u0084q\u0085', ['q']],
  ]
  for (const [what, bytes, events] of table) it(`hears ${what}`, () => expect(heard(bytes)).to.deep.equal(events))

  it('shows broken UTF-8 as a sign, and goes on', () => {
    expect(heard(Buffer.from([0x61, 0xff, 0x62, 0xe2, 0x82, 0x0d, 0xc3]))).to.deep.equal(['a', '�', 'b', '�', 'enter'])
  })

  it('hears eight-bit controls that are a byte of their own, and keeps letters that hold one as a part', () => {
    const csi = Buffer.from([0x9b])
    expect(heard(Buffer.concat([csi, Buffer.from('5~q'), csi, Buffer.from('<0;1;1Mq')]))).to.deep.equal([
      'pageup',
      'q',
      'down left 0,0',
      'q',
    ])
    // U+31DB and U+1F41D end in such a byte.
    expect(heard('㇛🐝')).to.deep.equal(['㇛', '🐝'])
  })

  it('takes nothing of a sequence for text, whatever it is and wherever it is cut', () => {
    const random = thrown()
    for (let round = 0; round < rounds; round++) {
      const sent = Array.from({ length: 8 }, () => sequence(random))
      const bytes = Buffer.from(sent.join('q') + 'q')
      const pieces: number[] = []
      for (let left = bytes.length; left > 0; left -= pieces.at(-1)!) pieces.push(Math.min(left, 1 + random.below(9)))
      const texts = hearInPieces(bytes, pieces).flatMap((event) => (event.type === 'key' ? (event.text ?? []) : []))
      const what = `DRYDOCK_SEED=${random.seed} ${JSON.stringify(bytes.toString())}`
      // What a sequence may stand for that types something: keys as kitty, xterm and number pads send them.
      expect(texts.join(''), what).to.equal('q'.repeat(8))
    }
  })

  it('comes to its senses after any bytes', () => {
    const random = thrown()
    for (let round = 0; round < rounds; round++) {
      const bytes = Buffer.from(
        Array.from({ length: random.below(60) }, () => random.pick([random.below(256), 0x1b, 0x5b])),
      )
      const decoder = new InputDecoder()
      decoder.feed(bytes)
      decoder.flush()
      // Enter ends what is no paste, and the mark what is one.
      decoder.feed(Buffer.from('\r\r\r\x1b[201~'))
      decoder.flush()
      const what = `DRYDOCK_SEED=${random.seed} ${bytes.toString('hex')}`
      expect(decoder.feed(Buffer.from('ok')).map(short), what).to.deep.equal(['o', 'k'])
    }
  })

  it('swallows overlong sequences whole', () => {
    expect(heard(`\x1b[${'1;'.repeat(50_000)}Aq\x1b]${'z'.repeat(50_000)}\x07q`)).to.deep.equal(['q', 'q'])
  })

  it('waits after an Escape only', () => {
    const decoder = new InputDecoder()
    const waitsAfter = (bytes: string) => {
      decoder.feed(Buffer.from(bytes))
      return decoder.isWaiting
    }
    expect(['a', '\x1b', '[', '1', 'A', '\x1b[200~', 'text', '\x1b[201~'].map(waitsAfter)).to.deep.equal([
      false,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })

  it('takes a paste of 10 MB in small reads in its stride', () => {
    const text = 'line of a large paste\n'.repeat(480_000)
    const bytes = Buffer.from(`\x1b[200~${text}\x1b[201~`)
    const decoder = new InputDecoder()
    const events: InputEvent[] = []
    const began = performance.now()
    for (let at = 0; at < bytes.length; at += 1000) events.push(...decoder.feed(bytes.subarray(at, at + 1000)))
    expect(events).to.have.length(1)
    expect((events[0] as { text: string }).text === text).to.equal(true)
    expect(performance.now() - began).to.be.below(2000)
  })

  it('hears the same wherever the reads were cut', () => {
    const recording = Buffer.from(table.map(([, bytes]) => bytes).join('x'))
    const whole = typedTogether(hearInPieces(recording, [recording.length]))
    let seed = 42
    const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
    for (let round = 0; round < 200; round++) {
      const pieces: number[] = []
      for (let left = recording.length; left > 0; left -= pieces.at(-1)!) pieces.push(Math.min(left, 1 + random(12)))
      expect(typedTogether(hearInPieces(recording, pieces)), `pieces ${pieces.join()}`).to.deep.equal(whole)
    }
    const bytewise = typedTogether(hearInPieces(recording, Array<number>(recording.length).fill(1)))
    expect(bytewise).to.deep.equal(whole)
  })
})

/** A sequence of a terminal, well formed, of any kind but those that stand for a character. */
function sequence({ below, pick }: Random): string {
  const some = (from: string, most: number) => Array.from({ length: below(most) }, () => pick([...from])).join('')
  const csi = pick(['\x1b[', '\x9b'])
  const text = some('abc;:=/ 0123é漢🐝', 30)
  return pick([
    () =>
      `${csi}${pick(['?', '>', '=', ''])}${some('0123456789;:', 12)}${some(' !"#$%', 2)}${pick([...'@AJKSTcghlmnpqtxyz{}|'])}`,
    () => `${csi}<${below(400)};${below(4000)};${below(4000)}${pick(['M', 'm'])}`,
    () => `${csi}M${pick([...' !#$`a'])}${pick([...'!"#~'])}${pick([...'!"#~'])}`,
    () => `${csi}${below(70)};${below(20)}${pick([...'ABCDHFPQSRZ'])}`,
    () => `${csi}${pick([...'IO'])}`,
    () => `${pick(['\x1b]', '\x9d'])}${below(200)};${text}${pick(['\x07', '\x1b\\'])}`,
    () => `${pick(['\x1bP', '\x90', '\x1b_', '\x1b^', '\x1bX'])}${below(9)}$r${text}\x1b\\`,
    () => `${pick(['\x1bO', '\x8f'])}${pick([...'ABCDFHPQRS'])}`,
  ])()
}

function hearInPieces(recording: Buffer, pieces: number[]): InputEvent[] {
  const decoder = new InputDecoder()
  let at = 0
  const events = pieces.flatMap((length) => decoder.feed(recording.subarray(at, (at += length))))
  return [...events, ...decoder.flush()]
}

/** Neighbouring typed text joined: a grapheme of several code points may arrive in two reads. */
function typedTogether(events: InputEvent[]): string[] {
  const joined: string[] = []
  let text = ''
  for (const event of events) {
    if (event.type === 'key' && event.text !== undefined) text += event.text
    else {
      joined.push(text, short(event))
      text = ''
    }
  }
  return [...joined, text]
}
