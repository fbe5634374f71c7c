import type { Mode } from '../core/events.ts'
import { sha256 } from '../core/hash.ts'
import { createWords } from '../tools/words.ts'

/** What the model is told of where it is. */
export interface PromptFacts {
  /** The project's path, the same inside the sandbox. */
  root: string
  /** Milliseconds since 1970; only the day is told, so that a service's cache of the prompt holds. */
  now: number
  /** The system inside the sandbox: `Linux, Debian 12`. */
  platform: string
  /** The language to answer in; empty: that of the prompt. */
  language: string
  /** Files of the project with instructions, which the person has seen and trusts. */
  instructions: readonly { path: string; text: string }[]
  mode: Mode
}

/** Gives the system prompt for the present facts. `wordsDir` holds prompt.md, the words that
 * are always said, and plan-mode.md, those of that mode. */
export function createSystemPrompt(wordsDir: string): (facts: PromptFacts) => string {
  const words = createWords(wordsDir)
  return (facts) =>
    [
      words('prompt'),
      environment(facts),
      ...facts.instructions.map(fenced),
      ...(facts.mode === 'plan' ? [words('plan-mode')] : []),
    ].join('\n\n')
}

function environment({ root, now, platform, language }: PromptFacts): string {
  return [
    '# Where you are',
    `- The project: ${root}`,
    `- The system inside the sandbox: ${platform}`,
    `- The date: ${new Date(now).toISOString().slice(0, 10)}`,
    `- Answer in ${language === '' ? 'the language of the prompt' : language}.`,
  ].join('\n')
}

/** The fence carries a hash of what it holds: no text can hold its own, so that none can end it from within. */
function fenced({ path, text }: { path: string; text: string }): string {
  const name = `project-instructions-${sha256(text).slice(0, 12)}`
  const heading = `The project brings these instructions (${JSON.stringify(path)}). The person trusts them; the rules above stand over them.`
  return `${heading}\n<${name}>\n${text.trim()}\n</${name}>`
}
