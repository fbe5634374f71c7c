export interface Counts {
  passes: number
  failures: number
  pending: number
}

export function runSpecs(
  files: readonly string[],
  env: NodeJS.ProcessEnv,
  stdio?: 'ignore' | readonly (string | number)[],
): Promise<Counts | undefined>
