import { expect } from 'chai'
import { takesAnswers } from '../../support/virtual-terminal.ts'
import { type Story, shell } from './story.ts'

const rows = (word: string, count: number) => Array.from({ length: count }, (_, i) => `${word} ${i + 1}.`)

/** Talking with the agent: prompts, answers, questions, and what was said. */
export const conversationStories: Story[] = [
  [
    'a prompt is answered, whatever it is written in',
    async (stage) => {
      stage.says({ text: 'It is **four**, 四.' })
      stage.paste('二と二は makes?')
      await stage.sees('makes?')
      stage.press('enter')
      await stage.sees('It is four, 四.')
      await stage.idle()
      expect(stage.asked()).to.include('二と二は makes?')
      expect(stage.rows().filter((row) => row.includes('▌ 二と二'))).to.have.length(1)
    },
  ],
  [
    'a command waits for a yes, by key',
    async (stage) => {
      stage.says(shell('echo by-$((40+2))-key'), { text: 'The key let it.' })
      stage.ask('Run one.')
      await stage.sees(takesAnswers)
      await stage.sees('echo by-$((40+2))-key')
      expect(stage.rows().join('\n')).to.not.include('by-42-key')
      stage.press('y')
      await stage.sees('The key let it.')
      expect(stage.asked()).to.include('by-42-key')
      await stage.idle()
    },
  ],
  [
    'a command waits for a yes, by mouse',
    async (stage) => {
      stage.says(shell('echo by-$((40+2))-mouse'), { text: 'The mouse let it.' })
      stage.ask('Run another.')
      await stage.sees(takesAnswers)
      stage.click('y once')
      await stage.sees('The mouse let it.')
      expect(stage.asked()).to.include('by-42-mouse')
      await stage.idle()
    },
  ],
  [
    'a no has a word with it, which the model is told',
    async (stage) => {
      stage.says(shell('rm -r src'), { text: 'Then not.' })
      stage.ask('Clean up.')
      await stage.sees(takesAnswers)
      stage.press('n')
      await stage.sees('What should it do instead?')
      stage.type('Keep them all.\r')
      await stage.sees('Then not.')
      expect(stage.asked()).to.include('Keep them all.')
      await stage.idle()
    },
  ],
  [
    'Escape cancels what is at work',
    async (stage) => {
      stage.says({ text: 'Half an answer and no more of it', ending: 'hang', pieces: 5 })
      stage.ask('Begin.')
      await stage.sees('Half an')
      stage.press('escape')
      await stage.sees('Cancelled.')
      await stage.idle()
    },
  ],
  [
    'whoever scrolls back is left there, and told how much is new',
    async (stage) => {
      stage.says({ text: rows('Scrolled', 80).join('\n\n') })
      stage.ask('Say much.')
      await stage.sees('Scrolled 80.')
      await stage.idle()
      stage.wheel('up', 'Scrolled 70.', 5)
      await stage.sees('↓ more below')
      await stage.misses('Scrolled 80.')
      stage.press('pageup')
      await stage.sees('Scrolled 50.')
      stage.says({ text: rows('Fresh', 5).join('\n\n') })
      stage.ask('And more.')
      await stage.sees('Fresh 5.')
      await stage.idle()
    },
  ],
  [
    'what comes meanwhile is counted, and a click on the count leads to it',
    async (stage) => {
      stage.says({ text: rows('Counted', 120).join('\n\n'), rate: 80, ending: 'hang', pieces: 200 })
      stage.ask('Count.')
      await stage.sees('Counted 20.')
      stage.wheel('up', 'Counted 15.', 2)
      await stage.sees(/↓ \d+ new lines/)
      stage.press('escape')
      await stage.idle()
      stage.click('new lines')
      await stage.sees('Cancelled.')
    },
  ],
  [
    'a word is found in what was said',
    async (stage) => {
      stage.says({ text: `${rows('Hay', 60).join('\n\n')}\n\nA needle.\n\n${rows('Straw', 60).join('\n\n')}` })
      stage.ask('Where is it?')
      await stage.sees('Straw 60.')
      await stage.idle()
      stage.press('ctrl+x', 'c')
      stage.press('/')
      stage.type('needle')
      await stage.sees('A needle.')
      await stage.sees('1 of 1')
      stage.press('escape')
      await stage.misses('1 of 1')
      stage.press('ctrl+x', 'i', 'ctrl+end')
      await stage.sees('Straw 60.')
    },
  ],
  [
    'a dragged selection is copied as it was said',
    async (stage) => {
      const long = 'All of this is one paragraph that is longer than the pane is wide, ever: '.repeat(3)
      stage.says({ text: `Before it.\n\nFirst. ${long}and its end.` })
      stage.ask('Say a paragraph.')
      await stage.sees('and its end.')
      await stage.idle()
      stage.drag('First.', 'and its end.')
      await stage.copied(`First. ${long}and its end.`)
      await stage.sees('copied')
      stage.press('ctrl+x', 'i')
    },
  ],
  [
    'a large paste is a label in the prompt, and whole for the model',
    async (stage) => {
      const pasted = rows('pasted', 5_000).join('\n')
      stage.says({ text: 'Got it.' })
      stage.type('Read this: ')
      stage.paste(pasted)
      await stage.sees('[pasted 5000 lines]')
      expect(stage.rows().join('\n')).to.not.include('pasted 2.')
      stage.press('enter')
      await stage.sees('Got it.')
      expect(stage.asked()).to.include(JSON.stringify(pasted).slice(1, -1))
      await stage.idle()
    },
  ],
]
