import type { ViewName } from './arrangement.ts'
import type { View } from './view.ts'

/**
 * The views until they are loaded: each with its place and its title, and nothing in it yet. So the first frame has its
 * panes and tabs where they stay, and waits for none of them.
 */
export function placeholders(): Map<ViewName, View> {
  const views = [
    placeholder('files', 'Files'),
    placeholder('viewer', 'Viewer'),
    placeholder('diff', 'Diff'),
    placeholder('plan', 'Plan'),
    placeholder('terminal', 'Terminal'),
    placeholder('monitor', 'Monitor'),
  ]
  return new Map(views.map((view) => [view.name, view]))
}

function placeholder(name: ViewName, title: string): View {
  return { name, title, contexts: [name], note: () => '', paint() {}, act: () => false, mouse() {}, hints: () => [] }
}
