import type { Change, FileDiff } from '../../lib/core/changes.ts'
import type { Events, Question } from '../../lib/core/events.ts'

/** A moment that specs begin at: milliseconds since 1970. */
export const start = 1_800_000_000_000

export type Fact = { [K in keyof Events]: [K, Events[K]] }[keyof Events]

/** A session in a small project, its model chosen and its sandbox ready. */
export const opened: Fact[] = [
  [
    'session.opened',
    {
      id: 's1',
      project: '/home/ada/src/date-kit',
      branch: 'main',
      model: 'anthropic/sonnet',
      mode: 'review',
      at: start,
    },
  ],
  ['sandbox.status', { state: 'ready', text: 'debian, node 22' }],
]

export const changes: Change[] = [
  {
    path: 'src/parse.js',
    kind: 'changed',
    type: 'file',
    size: 812,
    added: 3,
    removed: 1,
    binary: false,
    drifted: false,
  },
  {
    path: 'test/parse.test.js',
    kind: 'changed',
    type: 'file',
    size: 2201,
    added: 9,
    removed: 0,
    binary: false,
    drifted: true,
  },
  { path: 'NOTES.md', kind: 'added', type: 'file', size: 120, added: 4, removed: 0, binary: false, drifted: false },
  { path: 'logo.png', kind: 'deleted', type: 'file', size: 0, binary: true, drifted: false },
]

export const parseDiff: FileDiff = {
  change: changes[0]!,
  hunks: [
    {
      beforeStart: 1,
      beforeLines: 3,
      afterStart: 1,
      afterLines: 3,
      lines: [
        { sign: ' ', text: "import { parts } from './parts.js'", before: 1, after: 1 },
        { sign: '-', text: '// Parses a day.', before: 2 },
        { sign: '+', text: '// Parses a day; a day that does not exist is an error.', after: 2 },
        { sign: ' ', text: '', before: 3, after: 3 },
      ],
    },
    {
      beforeStart: 11,
      beforeLines: 4,
      afterStart: 11,
      afterLines: 6,
      lines: [
        { sign: ' ', text: 'export function parse(text) {', before: 11, after: 11 },
        { sign: ' ', text: "  const [y, m, d] = text.split('-').map(Number)", before: 12, after: 12 },
        { sign: '-', text: '  return new Date(y, m - 1, d)', before: 13 },
        { sign: '+', text: '  const date = new Date(y, m - 1, d)', after: 13 },
        { sign: '+', text: '  if (date.getDate() !== d || date.getMonth() !== m - 1)', after: 14 },
        { sign: '+', text: '    throw new RangeError(`no such day: ${text}`)', after: 15 },
        { sign: '+', text: '  return date', after: 16 },
        { sign: ' ', text: '}', before: 14, after: 17 },
      ],
    },
  ],
}

export const prompt = 'Parsing "2024-02-30" should fail. Find out why it does not, and fix it.'

const turn = 1
const call = (id: string, name: string, summary: string, at: number): Fact => [
  'tool.started',
  { turn, id, name, summary, arguments: '{}', at: start + at },
]
const ended = (id: string, ok: boolean, summary: string, ms: number, text = ''): Fact => [
  'tool.ended',
  { turn, id, ok, summary, text, ms },
]
const said = (text: string, kind: 'text' | 'thought' = 'text'): Fact => ['text.delta', { turn, kind, text }]

export const failingTest = [
  'npm test',
  '',
  '✔ parses a day',
  '✖ rejects days that do not exist',
  '  AssertionError: expected an error, got 2024-03-01',
  '    at test/parse.test.js:14:10',
  'tests 12, pass 11, fail 1',
].join('\n')

/** A turn at work: it looked, ran the tests, edited, and runs them again. */
export const working: Fact[] = [
  ...opened,
  ['turn.started', { turn, kind: 'prompt', prompt, at: start }],
  said('The tests should say how days are checked.', 'thought'),
  said("I'll look at the parser and its tests first."),
  call('c1', 'search', 'parse(', 1_000),
  ended('c1', true, '4 hits in 3 files', 11),
  call('c2', 'read', 'src/parse.js', 1_200),
  ended('c2', true, 'lines 1-40', 1),
  call('c3', 'shell', 'npm test', 2_000),
  ended('c3', false, 'exit 1', 812, failingTest),
  said('The constructor rolls impossible days over into the next month:\n\n'),
  said(
    '```js\nnew Date(2024, 1, 30) // 2024-03-01\n```\n\nso the check has to compare what came **back** with what went in:\n\n',
  ),
  said('1. build the date\n2. compare `getDate()` and `getMonth()`\n'),
  call('c4', 'edit', 'src/parse.js', 9_000),
  ended('c4', true, '+3 −1', 2),
  ['workspace.changed', { changes }],
  [
    'usage.counted',
    {
      turn,
      usage: { input: 14_210, output: 1_104, cacheRead: 0, cacheWrite: 0 },
      contextTokens: 56_000,
      contextLimit: 200_000,
      costUsd: 0.0592,
      at: start + 9_000,
      ms: 8_000,
    },
  ],
  call('c5', 'shell', 'npm test', 11_600),
  ['tool.output', { turn, id: 'c5', text: '> date-kit@1.0.0 test\n> node --test\n' }],
]

export const finished: Fact[] = [
  ...working,
  ended('c5', true, 'exit 0', 790, 'tests 12, pass 12, fail 0'),
  said('All 12 tests pass now. The change is in `src/parse.js`, with a test for it.'),
  ['turn.ended', { turn, end: 'done', ms: 14_000, at: start + 14_000 }],
]

export const question: Question = {
  id: 'q1',
  kind: 'network',
  title: 'Allow network for one command?',
  body: ['npm install left-pad@1.3.0', 'in a second container, on this workspace, reaching only mirror.example.org'],
  choices: [
    { key: 'y', answer: 'once', label: 'once' },
    { key: 's', answer: 'session', label: 'this session: "npm install" to the npm registry' },
    { key: 'n', answer: 'no', label: 'no' },
  ],
  call: { id: 'c6', name: 'packages', summary: 'npm install left-pad@1.3.0' },
}

export const asking: Fact[] = [
  ...opened,
  ['turn.started', { turn, kind: 'prompt', prompt: 'Use left-pad for the months.', at: start }],
  call('c2', 'read', 'package.json', 1_200),
  ended('c2', true, '24 lines', 1),
  call('c4', 'edit', 'package.json', 1_500),
  ended('c4', true, '+1', 2),
  ['approval.asked', question],
]

export const setup: Fact[] = [
  ['session.opened', { id: 's1', project: '/home/ada/src/date-kit', branch: 'main', mode: 'review', at: start }],
  ['sandbox.status', { state: 'starting', text: 'starting the container' }],
  [
    'setup.offered',
    {
      choices: [
        {
          key: '1',
          label: 'Paste a key',
          detail: 'of OpenAI or Anthropic; it is tried, then saved for you alone',
          secret: true,
        },
        {
          key: '2',
          label: 'Use the local service',
          detail: 'qwen3-coder at 127.0.0.1:11434: nothing leaves this machine',
        },
        {
          key: '3',
          label: 'Watch the demo',
          detail: 'a small project, a failing test, and a scripted model that mends it',
        },
      ],
    },
  ],
]

export const failed: Fact[] = [
  ...opened,
  ['turn.started', { turn, kind: 'prompt', prompt: 'Hello', at: start }],
  ['turn.retrying', { turn, attempt: 2, inMs: 2_000, reason: 'The service is overloaded (529).' }],
  [
    'turn.ended',
    {
      turn,
      end: 'failed',
      failure: {
        code: 'auth',
        message: 'anthropic refused the key (401): check ANTHROPIC_API_KEY, or paste another with `agent doctor`.',
      },
      ms: 3_000,
      at: start + 3_000,
    },
  ],
  [
    'app.failed',
    {
      failure: {
        code: 'disk',
        message: 'The session log could not be written: no space left on the device. Free some and go on.',
      },
    },
  ],
]
