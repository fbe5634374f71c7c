import { readDevcontainer } from '../config/devcontainer.ts'
import type { ProjectItem } from '../config/project-items.ts'
import type { Session } from './session.ts'

/**
 * Shows what the project brings and the person has not seen yet, and asks. Until the yes none of it is used; a no is
 * for this session, the next one asks again.
 */
export async function askTrust(session: Session, signal: AbortSignal): Promise<void> {
  const { untrusted, trust } = session.settings()
  if (untrusted.length === 0) return
  const names = untrusted.map(({ name }) => name).join(', ')
  const { answer } = await session.approvals.ask(
    {
      kind: 'trust',
      subject: untrusted.map(({ sha256 }) => sha256).join(' '),
      title: `Trust what this project brings: ${names}?`,
      body: untrusted.flatMap((item) => [`── ${item.name}`, ...remarks(item), ...linesOf(item.bytes)]),
      choices: [
        { key: 'y', answer: 'once', label: 'yes, until it changes' },
        { key: 'n', answer: 'no', label: 'not now' },
      ],
    },
    signal,
  )
  if (answer === 'no') return
  trust.trust(untrusted)
  session.refresh()
}

/** What of a devcontainer.json a yes is for, before its text. */
function remarks({ kind, name, bytes }: ProjectItem): string[] {
  const read = kind === 'devcontainer' ? readDevcontainer(name, bytes.toString()) : ''
  if (typeof read === 'string') return []
  const { source, ignored } = read
  const used = 'image' in source ? `the image ${source.image}` : `an image built from ${source.dockerfile}`
  const besides = ignored.length > 0 ? `; not followed, trusted or not: ${ignored.join(', ')}` : ''
  return [`For the sandbox: ${used}${besides}.`, '']
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString().trimEnd().split(/\r?\n/)
}
