export interface Counts {
  passes: number
  failures: number
  pending: number
}

export function runSpecs(
  files: Iterable<string> | AsyncIterable<string>,
  env: NodeJS.ProcessEnv,
  options?: { lanes?: number; say?: (text: string) => void },
): Promise<Counts>
