import { wrap, type Row } from './wrap.ts'
import type { Colours } from './code.ts'

type Layout = (source: string, width: number, colours?: Colours) => Row[]

let layOut: Layout | undefined

/** Loads what lays out Markdown: compiling its rules takes longer than the first frame should wait. */
export async function loadProse(): Promise<void> {
  layOut = (await import('./markdown.ts')).markdown
}

/** True once `prose` knows Markdown. */
export function isProseLoaded(): boolean {
  return layOut !== undefined
}

/** Harmless prose in rows of at most `width` columns: as Markdown, or as it stands until that is loaded. */
export function prose(source: string, width: number, colours?: Colours): Row[] {
  return layOut?.(source, width, colours) ?? wrap([{ text: source, tone: 'normal' }], width)
}
