import { expect } from 'chai'
import { sandboxOrSkip } from '../support/sandbox.ts'
import { type Stage, openStage } from '../support/stage.ts'
import { tmuxOrSkip } from '../support/tmux.ts'
import { untouched } from '../support/virtual-terminal.ts'
import { conversationStories } from './stories/conversation.ts'
import { config, files } from './stories/story.ts'
import { viewStories } from './stories/views.ts'

const stories = [...conversationStories, ...viewStories]

for (const where of ['bare', 'tmux'] as const)
  describe(`What a person does, ${where === 'bare' ? 'on a terminal' : 'in tmux'}`, function () {
    this.timeout(30_000)
    let backend: string
    let stage: Stage | undefined

    before(async function () {
      if (where === 'tmux') tmuxOrSkip(this)
      backend = await sandboxOrSkip(this)
    })
    after(() => stage?.close())

    /** One program plays all stories; the next begins anew after one that went wrong. */
    beforeEach(async () => {
      if (stage !== undefined) return
      stage = await openStage({ where, config: config(backend), files, size: { cols: 120, rows: 40 } })
      await stage.sees('What is to be done?')
      await stage.sees('sandbox ✓')
    })
    afterEach(async function () {
      if (this.currentTest?.state !== 'failed') return
      await stage?.close()
      stage = undefined
    })

    for (const [what, play] of stories)
      it(what, async () => {
        await play(stage!)
        await stage!.sees('What is to be done?')
        await stage!.agrees()
      })

    it('the terminal is left as it was', async () => {
      const { terminal } = stage!
      stage!.press('ctrl+d')
      if (where === 'tmux') await stage!.sees('[exited]')
      else expect(await terminal.exit).to.equal(0)
      expect(terminal.modes()).to.deep.equal(untouched)
    })
  })
