import type { Action } from '../config/actions.ts'
import type { Tone } from '../config/theme.ts'
import { paneOf, sideViews, viewNames, type Arrangement, type Pane, type ViewName } from './arrangement.ts'
import type { Canvas } from './canvas.ts'
import type { Layout } from './layout.ts'
import type { State } from './state.ts'
import type { View } from './view.ts'
import type { ComposerLabel } from './words.ts'
import { columns } from './width.ts'
import { paintHeader } from './widgets/header.ts'
import type { Hits } from './widgets/hits.ts'

/** What the frame shows besides the state. */
export interface FrameLook {
  layout: Layout
  arrangement: Arrangement
  views: ReadonlyMap<ViewName, View>
  home: string
  now: number
  /** What has the focus: while a question stands, no pane. */
  focused: Pane | 'dialog'
  /** Said at the right end of the line over the composer. */
  label: ComposerLabel
  /** The composer's mode, said at the left end of it; undefined where it has none. */
  mode: string | undefined
}

export interface FrameTools {
  hits: Hits
  act: (action: Action) => void
}

/** What a click on the title of a view does. */
const openers: Record<ViewName, Action> = {
  files: 'files.open',
  viewer: 'viewer.open',
  diff: 'diff.open',
  terminal: 'terminal.open',
  plan: 'plan.open',
  monitor: 'monitor.open',
}

/** Paints what parts the panes: the header, their titles, and the hairlines. */
export function paintFrame(canvas: Canvas, state: State, look: FrameLook, tools: FrameTools): void {
  const { layout } = look
  const { x: left, y: ruleY, width } = layout.composerRule
  paintHeader(canvas, state, look)
  for (const y of layout.rules) canvas.fill(0, y, canvas.width, 1, 'line', '─')
  canvas.fill(left, ruleY, width, 1, 'line', '─')
  for (const { x, top, bottom, pane } of layout.dividers) {
    canvas.fill(x, top + 1, 1, bottom - top - 1, 'line', '│')
    canvas.text(x, top, '┬', 'line')
    canvas.text(x, bottom, '┴', 'line')
    canvas.text(x, ruleY, pane === 'files' ? '├' : '┤', 'line')
  }
  tools.hits.clear()
  const { text, waiting, action } = look.label
  const start = left + width - 4 - text.length
  if (look.mode !== undefined) canvas.text(left + 1, ruleY, ` ${look.mode} `, 'normal', Math.max(0, start - left - 2))
  if (text !== '') canvas.text(start, ruleY, ` ${text} `, waiting ? 'waiting' : 'dim')
  if (action !== undefined) tools.hits.add(start, ruleY, text.length + 2, () => tools.act(action))
  if (layout.beside) paintTitles(canvas, state, look, tools)
  else paintTabs(canvas, state, look, tools)
}

/** One tab of a row: its name, what is said beside it, what a click does, and how it stands. */
interface Tab {
  title: string
  note: string
  tone: Tone
  act: Action
}

/** The titles over panes that stand side by side; what is hidden is offered at the conversation's right end. */
function paintTitles(canvas: Canvas, state: State, look: FrameLook, tools: FrameTools): void {
  const { layout, views, arrangement, focused } = look
  const y = layout.titles
  if (layout.files !== null) {
    const tab = tabOf(views.get('files')!, state, true, focused === 'files')
    paintRow(canvas, layout.files.left + 1, y, layout.files.left + layout.files.width, [tab], tools)
  }
  const { x: left, width } = layout.composerRule
  const hidden = inOrder(views, viewNames).filter(({ name }) => layout[paneOf(name)] === null)
  const conversation: Tab = {
    title: 'CONVERSATION',
    note: '',
    tone: focused === 'conversation' ? 'focus' : 'dim',
    act: 'conversation.open',
  }
  const after = paintRow(canvas, left + 1, y, left + width, [conversation], tools)
  const offered = hidden.map((view) => tabOf(view, state, false, false))
  const start = left + width - 1 - rowWidth(offered)
  if (start > after + 2) paintRow(canvas, start, y, left + width, offered, tools)
  if (layout.side !== null) {
    const tabs = inOrder(views, sideViews).map((view) =>
      tabOf(view, state, view.name === arrangement.view, view.name === arrangement.view && focused === 'side'),
    )
    paintRow(canvas, layout.side.left + 1, y, canvas.width, tabs, tools)
  }
}

/** One row of tabs where one pane is shown. */
function paintTabs(canvas: Canvas, state: State, look: FrameLook, tools: FrameTools): void {
  const { layout, views, arrangement, focused } = look
  const shows = (view: View) =>
    view.name === 'files' ? layout.files !== null : layout.side !== null && view.name === arrangement.view
  const open = layout.conversation !== null
  const conversation: Tab = {
    title: open ? 'CONVERSATION' : 'Conversation',
    note: '',
    tone: open && focused === 'conversation' ? 'focus' : open ? 'strong' : 'dim',
    act: 'conversation.open',
  }
  const tabs = inOrder(views, viewNames).map((view) =>
    tabOf(view, state, shows(view), shows(view) && focused !== 'dialog'),
  )
  paintRow(canvas, 1, layout.titles, canvas.width, inSight([conversation, ...tabs], canvas.width - 2), tools)
}

/** Tabs of which the open one is in sight: where it is not, those before it go, and a sign stands for them. */
function inSight(tabs: readonly Tab[], room: number): readonly Tab[] {
  const open = tabs.findIndex(({ tone }) => tone !== 'dim')
  const until = (first: number) =>
    tabs.slice(first, open + 1).reduce((sum, { title }) => sum + columns(title) + 1, first === 0 ? 0 : 2)
  let first = 0
  while (first < open && until(first) > room) first += 1
  if (first === 0) return tabs
  const before = tabs[first - 1]!
  return [{ title: '‹', note: '', tone: 'dim', act: before.act }, ...tabs.slice(first)]
}

/** Tabs stand in one order, wherever they are. */
function inOrder(views: ReadonlyMap<ViewName, View>, names: readonly ViewName[]): View[] {
  return names.flatMap((name) => views.get(name) ?? [])
}

function tabOf(view: View, state: State, open: boolean, focused: boolean): Tab {
  return {
    title: open ? view.title.toUpperCase() : view.title,
    note: view.note(state),
    tone: focused ? 'focus' : open ? 'strong' : 'dim',
    act: openers[view.name],
  }
}

const gap = 3

function rowWidth(tabs: readonly Tab[]): number {
  return tabs.reduce((sum, tab) => sum + tabWidth(tab) + gap, -gap)
}

function tabWidth({ title, note }: Tab): number {
  return columns(title) + (note === '' ? 0 : columns(note) + 1)
}

/** Draws tabs from `x` to `end`, nearer to each other where they do not fit; gives the column after. */
function paintRow(canvas: Canvas, x: number, y: number, end: number, tabs: readonly Tab[], tools: FrameTools): number {
  const tight = x + rowWidth(tabs) >= end
  let at = x
  for (const tab of tabs) {
    const room = end - at
    if (room < 2) break
    const start = at
    at = canvas.text(at, y, tab.title, tab.tone, room)
    if (tab.note !== '' && !tight) at = canvas.text(at + 1, y, tab.note, 'dim', end - at - 1)
    tools.hits.add(start, y, at - start, () => tools.act(tab.act))
    at += tight ? 1 : gap
  }
  return at
}
