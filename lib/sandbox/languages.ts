import { readdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import semver from 'semver'
import { readInside } from '../config/inside.ts'
import { type Language, type Toolchain, languages, usualNode } from './recipe.ts'
import { type Wish, versionFiles } from './version-files.ts'

/** A language that a project is written in. */
export interface Found {
  language: Language
  /** The file that shows it, as a path in the project. */
  marker: string
  /** The version that is asked for, and by which file. */
  wish?: Wish & { from: string }
}

/** What is looked at of a project. Folders are names in the project, '' the project itself; paths have `/`. */
export interface ProjectFiles {
  folders(): string[]
  names(folder: string): string[]
  /** Undefined where there is no such file, or none that can be read. */
  read(path: string): string | undefined
}

const markers: Record<Language, readonly string[]> = {
  python: ['pyproject.toml', 'requirements.txt', 'setup.py', 'setup.cfg', 'Pipfile'],
  node: ['package.json'],
  go: ['go.work', 'go.mod'],
  rust: ['Cargo.toml'],
}

/** Folders whose languages are not those that the project is worked on in. */
const aside = /^(\..*|node_modules|vendor|third[_-]party|target|dist|build|out|venv|env|docs?|examples?|fixtures)$/i
/** Folders that are looked into: a project of many more has its markers at the top. */
const mostFolders = 200

/** The languages of a project, by the files at its top and in the folders there. */
export function languagesIn(files: ProjectFiles): Found[] {
  const folders = [
    '',
    ...files
      .folders()
      .filter((name) => !aside.test(name))
      .slice(0, mostFolders),
  ]
  const seen = new Map(folders.map((folder) => [folder, new Set(files.names(folder))]))
  return languages.flatMap((language) => {
    for (const [folder, names] of seen) {
      const marker = markers[language].find((name) => names.has(name))
      if (marker === undefined) continue
      const wish = wishIn(files, language, folder === '' ? [''] : [folder, ''])
      return [{ language, marker: within(folder, marker), ...(wish ? { wish } : {}) }]
    }
    return []
  })
}

/** What to build for them. A range of Node's that the usual one lies in whole asks for the usual one. */
export function toolchainsFor(found: readonly Found[]): Toolchain[] {
  return found.map(({ language, wish }) => {
    const range = language === 'node' ? wish?.range : undefined
    return range === undefined || semver.subset(usualNode, range) ? { language } : { language, range }
  })
}

/** What an image has not as it is asked for, a sentence each. `versions`: what it has, by language. */
export function unmet(found: readonly Found[], versions: Readonly<Record<string, string>>): string[] {
  return found.flatMap(({ language, wish }) => {
    const has = versions[language]
    if (wish === undefined || has === undefined) return []
    const version = semver.coerce(has)
    if (version && wish.range !== undefined && semver.satisfies(version, wish.range)) return []
    return [`${wish.from} asks for ${titles[language]} ${wish.text}; the sandbox has ${has}.`]
  })
}

/** The languages as they are written. */
export const titles: Record<Language, string> = { python: 'Python', node: 'Node', go: 'Go', rust: 'Rust' }

/** The real files below a project's folder. No link out of it is followed. */
export function filesOf(project: string): ProjectFiles {
  const root = realpathSync(project)
  const entries = (folder: string) => {
    try {
      return readdirSync(join(root, folder), { withFileTypes: true })
    } catch {
      return []
    }
  }
  return {
    folders: () =>
      entries('')
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted(),
    names: (folder) => entries(folder).map(({ name }) => name),
    read: (path) => {
      const bytes = readInside(root, path)
      return Buffer.isBuffer(bytes) ? bytes.toString() : undefined
    },
  }
}

function wishIn(files: ProjectFiles, language: Language, folders: string[]): Found['wish'] {
  for (const [name, read] of versionFiles[language]) {
    for (const from of folders.map((folder) => within(folder, name))) {
      const text = files.read(from)
      if (text === undefined) continue
      try {
        const wish = read(text)
        if (wish) return { ...wish, from }
      } catch {
        // A file that its own tools will complain of asks for nothing here.
      }
    }
  }
  return undefined
}

function within(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
