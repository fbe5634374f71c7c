import { join } from 'node:path'
import { Failure } from '../core/failure.ts'
import { createTools } from '../tools/create.ts'
import type { Tool } from '../tools/tool.ts'
import type { Parts } from './parts.ts'
import { readSettings } from './settings.ts'
import { toolLimits } from './session.ts'

/** `agent tools [NAME]`: the tools that the model has, one a line, or all that it is told of one. */
export async function tools(parts: Parts, { tool: name }: { tool?: string }): Promise<void> {
  const { config } = readSettings(parts).loaded
  const all = createTools(toolLimits(config), join(parts.root, 'lib', 'tools'))
  if (name === undefined) {
    parts.stdout.write(all.map((tool) => `${tool.name.padEnd(9)}${firstSentence(tool)}\n`).join(''))
    return
  }
  const tool = all.find((candidate) => candidate.name === name)
  if (!tool)
    throw new Failure('usage', `There is no tool "${name}"; there are ${all.map((one) => one.name).join(', ')}.`)
  parts.stdout.write(`${tool.description.trim()}\n\n${JSON.stringify(tool.schema, undefined, 2)}\n`)
}

function firstSentence({ description }: Tool<unknown>): string {
  return (/^[^]*?[.](?=\s|$)/.exec(description.trim())?.[0] ?? description).replaceAll(/\s+/g, ' ')
}
