import { execFile } from 'node:child_process'

/** What holds for an option of tmux in this pane: `on`, `500`; undefined where tmux does not say. */
export function tmuxOption(name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    // One option may be the server's, a session's, a window's or a pane's: a format looks in all of them (tmux 3.0).
    execFile('tmux', ['display-message', '-p', `#{${name}}`], { timeout: 2_000 }, (error, stdout) =>
      resolve(error === null && stdout.trim() !== '' ? stdout.trim() : undefined),
    )
  })
}

/** Whether tmux hands on to the terminal outside what is wrapped for it. */
export async function passesThrough(): Promise<boolean> {
  const value = await tmuxOption('allow-passthrough')
  return value === 'on' || value === 'all'
}
