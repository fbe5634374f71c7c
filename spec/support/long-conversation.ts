import { opened, start, type Fact } from './facts.ts'

/** The lines of one answer: prose, a list, code, a table. */
const answer = [
  '## What I found',
  '',
  ...Array.from(
    { length: 30 },
    (_, i) => `Line ${i + 1} of a paragraph with \`code\`, **strong** words and a [link](x).`,
  ),
  '',
  ...Array.from({ length: 30 }, (_, i) => `- point ${i + 1}, which goes on for a while and says little`),
  '',
  '```js',
  ...Array.from({ length: 30 }, (_, i) => `export const value${i + 1} = compute(${i + 1}, 'text')`),
  '```',
  '',
  '| file | lines |',
  '|---|---:|',
].join('\n')

/** The facts of one turn: a prompt, an answer of a hundred lines and a tool call. */
export function turnOf(turn: number): Fact[] {
  const id = `c${turn}`
  return [
    ['turn.started', { turn, kind: 'prompt', prompt: `Prompt ${turn}`, at: start }],
    ['text.delta', { turn, kind: 'text', text: `${answer}\n| ${turn} | 5 |` }],
    ['tool.started', { turn, id, name: 'shell', summary: 'npm test', arguments: '{}', at: start }],
    ['tool.ended', { turn, id, ok: true, summary: 'exit 0', text: 'ok', ms: 5 }],
    ['turn.ended', { turn, end: 'done', ms: 9, at: start + 9 }],
  ]
}

/** Facts of a conversation of so many lines. */
export function longConversation(lines: number): Fact[] {
  return [...opened, ...Array.from({ length: Math.ceil(lines / 102) }, (_, i) => turnOf(i + 1)).flat()]
}
