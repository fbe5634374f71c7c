import { Failure } from '../../lib/core/failure.ts'

/** What a promise is rejected with. One that is fulfilled fails the spec. */
export async function caught(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('It did not fail.')
}

/** The Failure that a promise ends in. Anything else fails the spec. */
export async function failure(promise: Promise<unknown>): Promise<Failure> {
  const error = await caught(promise)
  if (error instanceof Failure) return error
  throw error
}
