/** What installs what a lock file names, by the file's name. */
const commands: Record<string, string> = {
  'package-lock.json': 'npm ci',
  'npm-shrinkwrap.json': 'npm ci',
  'yarn.lock': 'yarn install',
  'pnpm-lock.yaml': 'pnpm install',
  'bun.lock': 'bun install',
  'bun.lockb': 'bun install',
  'Cargo.lock': 'cargo fetch',
  'go.sum': 'go mod download',
  'poetry.lock': 'poetry install',
  'uv.lock': 'uv sync',
  'Pipfile.lock': 'pipenv sync',
  'Gemfile.lock': 'bundle install',
  'composer.lock': 'composer install',
}

/** What the person may want to run after these paths were applied, a sentence for each lock file. */
export function installHints(applied: readonly string[]): string[] {
  return applied.flatMap((path) => {
    const slash = path.lastIndexOf('/')
    const name = path.slice(slash + 1)
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    const where = slash < 0 ? '' : ` in ${path.slice(0, slash)}`
    return command === undefined ? [] : [`${path} was applied: \`${command}\`${where} installs what it names.`]
  })
}
