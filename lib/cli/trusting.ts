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
      body: untrusted.flatMap(({ name, bytes }) => [`── ${name}`, ...bytes.toString().trimEnd().split(/\r?\n/)]),
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
