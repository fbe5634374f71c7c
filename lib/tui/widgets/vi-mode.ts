import type { Action, Context } from '../../config/actions.ts'
import type { CursorShape } from '../cursor-shape.ts'
import type { Editor } from '../editing/editor.ts'
import type { Vi } from '../editing/vi/vi.ts'

export interface ViModeParts {
  editor: Editor
  /** Whether the set of keys is vi's. */
  wanted(): boolean
  /** Asks for a frame: it was loaded. */
  changed(): void
}

/** Vi's modes over a text, while the set of keys is vi's. What they do is loaded after the first frame that wants them. */
export class ViMode {
  private readonly parts: ViModeParts
  private vi: Vi | undefined
  private loading = false

  constructor(parts: ViModeParts) {
    this.parts = parts
  }

  /** Called with each frame: loads what is wanted, and lets the cursor stand where the mode has it. */
  follow(): void {
    if (!this.parts.wanted()) this.vi = undefined
    else if (this.vi !== undefined) this.vi.settle()
    else if (!this.loading) void this.load()
  }

  /** The mode and what waits in it, in words; undefined where there are no modes. */
  get word(): string | undefined {
    if (!this.parts.wanted()) return undefined
    const { current } = this
    if (current === undefined) return 'insert'
    return current.pending === '' ? current.mode : `${current.mode} ${current.pending}`
  }

  /** How the cursor looks: a block on a character, a bar where text goes in; undefined where there are no modes. */
  shape(types: boolean): CursorShape | undefined {
    if (!this.parts.wanted()) return undefined
    return types || this.isInserting ? 'bar' : 'block'
  }

  /** True where what is typed is text. */
  get isInserting(): boolean {
    return this.current?.isInserting ?? true
  }

  /** Where keys are looked up first. */
  get contexts(): readonly Context[] {
    return this.current?.contexts ?? []
  }

  act(action: Action): boolean {
    return this.current?.act(action) ?? false
  }

  type(text: string): void {
    this.current?.type(text)
  }

  /** What is put in next was not typed as a command: it goes into the text, and typing goes on behind it. */
  insert(): void {
    this.current?.insert()
  }

  makeRoom(): void {
    this.current?.makeRoom()
  }

  reset(): void {
    this.current?.reset()
  }

  private get current(): Vi | undefined {
    return this.parts.wanted() ? this.vi : undefined
  }

  private async load(): Promise<void> {
    this.loading = true
    const { Vi } = await import('../editing/vi/vi.ts')
    this.loading = false
    this.vi = new Vi(this.parts.editor)
    this.parts.changed()
  }
}
