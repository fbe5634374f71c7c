import { readDevcontainer } from '../config/devcontainer.ts'
import type { ProjectItem } from '../config/project-items.ts'
import { type ImageChoice, type TrustedDevcontainer, chooseImage } from '../sandbox/image-choice.ts'
import { filesOf, languagesIn } from '../sandbox/languages.ts'
import type { Settings } from './settings.ts'

/** The image that a project gets, as its settings are now: by the configuration, its devcontainer.json, its languages. */
export function chosenImage({ project, trusted, loaded }: Settings): ImageChoice {
  return chooseImage(loaded.config.sandbox.image, {
    devcontainer: trustedDevcontainer(trusted),
    found: () => languagesIn(filesOf(project)),
  })
}

/** Whether the choice waits for the person's word on the project's devcontainer.json. */
export function awaitsTrust({ untrusted, loaded }: Settings): boolean {
  return loaded.config.sandbox.image === 'auto' && untrusted.some(({ kind }) => isOfDevcontainer(kind))
}

/** What the devcontainer.json asks for, where it and its Dockerfile are trusted: one is nothing without the other. */
function trustedDevcontainer(trusted: readonly ProjectItem[]): TrustedDevcontainer | undefined {
  const item = trusted.find(({ kind }) => kind === 'devcontainer')
  const read = item && readDevcontainer(item.name, item.bytes.toString())
  if (item === undefined || read === undefined || typeof read === 'string') return undefined
  if ('image' in read.source) return { ...read, path: item.name }
  const dockerfile = trusted.find(({ kind }) => kind === 'dockerfile')?.bytes
  return dockerfile && { ...read, path: item.name, dockerfile }
}

function isOfDevcontainer(kind: ProjectItem['kind']): boolean {
  return kind === 'devcontainer' || kind === 'dockerfile'
}
