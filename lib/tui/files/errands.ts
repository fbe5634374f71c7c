import { Failure } from '../../core/failure.ts'
import type { FileDoor } from '../file-door.ts'
import { harmless } from '../harmless.ts'
import type { LinePrompt } from '../line-prompt.ts'
import { foldersOf } from './marks.ts'

/** What a person has done to files: made, renamed, moved, deleted. Each asks for what it needs to know. */
export class Errands {
  /** A sentence about the last one, where it is worth one. */
  notice = ''
  private readonly door: FileDoor
  private readonly prompt: LinePrompt
  private readonly tell: { done(path: string): void; changed(): void }

  /** `done` hears the path that is to be looked at then. */
  constructor(door: FileDoor, prompt: LinePrompt, tell: { done(path: string): void; changed(): void }) {
    this.door = door
    this.prompt = prompt
    this.tell = tell
  }

  create(folder: string): void {
    this.prompt.open({
      label: 'New file, folder/:',
      line: folder === '' ? '' : `${folder}/`,
      done: (path) => {
        if (path === '' || path === `${folder}/`) return
        void this.run(() => this.door.create(path), path.replace(/\/+$/, ''))
      },
    })
  }

  rename(path: string): void {
    const folder = foldersOf(path)[0]!
    this.ask('Name:', nameOf(path), (line) => this.give(path, folder === '' ? line : `${folder}/${line}`))
  }

  move(path: string): void {
    this.ask('Move to:', path, (line) => this.give(path, line))
  }

  remove(path: string, isFolder: boolean): void {
    const what = isFolder ? ' and all in it' : ''
    this.prompt.open({
      label: `Delete ${harmless(nameOf(path))}${what}?`,
      tone: 'waiting',
      done: () => void this.run(() => this.door.remove(path), path),
    })
  }

  private ask(label: string, line: string, done: (line: string) => void): void {
    this.prompt.open({ label, line, done: (text) => text !== '' && text !== line && done(text) })
  }

  private give(from: string, to: string): void {
    void this.run(() => this.door.move(from, to), to)
  }

  private async run(errand: () => Promise<void>, path: string): Promise<void> {
    try {
      await errand()
      this.tell.done(path)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.notice = error.message
      this.tell.changed()
    }
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
