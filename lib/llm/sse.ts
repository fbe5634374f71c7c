import { createParser } from 'eventsource-parser'
import { Failure } from '../core/failure.ts'

/** Characters of one event. The largest seen are whole answers in one event, far below. */
const largestEvent = 16 * 1024 * 1024

/**
 * Reads server-sent events (WHATWG HTML, 9.2) from a body: for each piece of the body that completes any, the `data` of
 * the events, in order. Comments, names and ids are left out. UTF-8 and line ends may be split anywhere.
 *
 * A last event without its empty line counts; a last line that is cut off is Failure `network`, an event without end
 * Failure `protocol`.
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let events: string[] = []
  let tooLarge = false
  const decoder = new TextDecoder()
  const parser = createParser({
    maxBufferSize: largestEvent,
    onEvent: ({ data }) => void events.push(data),
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded') tooLarge = true
    },
  })
  const feed = (text: string) => {
    parser.feed(text)
    if (tooLarge) {
      throw new Failure('protocol', `The service sent an event of more than ${largestEvent} characters.`)
    }
    const complete = events
    events = []
    return complete
  }

  let last = ''
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true })
    if (text === '') continue
    last = text.at(-1)!
    const complete = feed(text)
    if (complete.length > 0) yield complete
  }

  const tail = decoder.decode()
  const wasCut = tail !== '' || !(last === '' || last === '\n' || last === '\r')
  const complete = feed(`${tail}\n\n`)
  if (complete.length > 0) yield complete
  else if (wasCut) throw new Failure('network', 'The answer ended in the middle of a line. Try again.')
}
