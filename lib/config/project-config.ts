import type { Place } from './check.ts'
import { builtInProviders, splitModel } from './model.ts'
import { looser } from './policy.ts'
import type { Config } from './schema.ts'
import { type Part, sandboxLimits } from './shape.ts'

const wherePersonal = 'that belongs in your own config.toml'

/**
 * Checks what a project's configuration asks for against the person's: it may choose among their models, lower limits,
 * and set language, theme and more to ignore. Anything else is a Failure that names the key.
 */
export function checkProject(part: Part<Config>, personal: Config, place: Place): void {
  const refuse = (path: string[], problem: string) =>
    path.reduce((at, key) => at.at(key), place).fail(`${JSON.stringify(path.join('.'))} ${problem}`)

  for (const [key, value] of Object.entries(part)) {
    if (['model', 'language', 'theme', 'ignore'].includes(key)) continue
    if (key === 'limits' || key === 'sandbox') {
      for (const [name, wanted] of Object.entries(value)) {
        if (!(name in sandboxLimits) && key === 'sandbox')
          refuse([key, name], `cannot be set by a project; ${wherePersonal}`)
        const own = (personal[key] as Record<string, unknown>)[name] as number
        if (looser(name as keyof Config['limits'], wanted as number, own))
          refuse([key, name], `is ${wanted || '0 (no limit)'}, above your own ${own}; a project may only lower a limit`)
      }
    } else refuse([key], `cannot be set by a project; ${wherePersonal}`)
  }

  const { provider } = splitModel(part.model ?? '')
  if (part.model !== undefined && !(provider in personal.providers)) {
    const known = Object.keys(personal.providers).join(', ')
    const why = builtInProviders.includes(provider) ? 'no model service' : 'of no provider that you configured'
    refuse(['model'], `is ${JSON.stringify(part.model)}, ${why}; a project may choose among yours: ${known}`)
  }
}
