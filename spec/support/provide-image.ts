// Builds the image that the specs of the sandbox share, where an engine answers; run beside the specs that need none.
import { Failure } from '../../lib/core/failure.ts'
import { provideImage, specEngine } from './sandbox.ts'

try {
  await provideImage(await specEngine())
} catch (error) {
  if (!(error instanceof Failure)) throw error
  // The specs that need it say so.
  console.error(`    image: ${error.message}`)
  process.exitCode = 1
}
