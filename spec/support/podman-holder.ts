// A process that has podman's service started in a folder, says where it answers or why it does not, and waits to be killed.
import { Failure } from '../../lib/core/failure.ts'
import { startPodmanService } from '../../lib/sandbox/podman-service.ts'

const [, , folder, seconds] = process.argv
try {
  const host = await startPodmanService(folder, Number(seconds))
  process.stdout.write(`${host}\n`)
  if (host !== undefined) setInterval(() => {}, 1000)
} catch (error) {
  process.stdout.write(error instanceof Failure ? `${error.code}: ${error.message}\n` : `not a Failure: ${error}\n`)
}
