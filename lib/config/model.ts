/** Providers that are part of the program: no service, no key, nothing to configure. */
export const builtInProviders: readonly string[] = ['echo', 'script']

/** Parts `provider/model`. What follows the first `/` is the service's own name for the model and may hold more. */
export function splitModel(name: string): { provider: string; model: string } {
  const slash = name.indexOf('/')
  return slash < 0 ? { provider: name, model: '' } : { provider: name.slice(0, slash), model: name.slice(slash + 1) }
}
