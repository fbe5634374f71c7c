// Runs a command line in an embedded sandbox and ends: for the specs that give it a machine with other mounts.
import { startSandbox } from './sandbox.ts'

const [project, source, command] = process.argv.slice(2) as [string, string, string]
const box = await startSandbox('embedded', { project, mount: { kind: 'bind', source } })
const { stdout, stderr } = await box.sh(command)
await box.stop()
process.stdout.write(stdout + stderr)
