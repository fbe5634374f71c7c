import { expect } from 'chai'
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { PromptBook } from '../../lib/config/prompt-book.ts'
import { Folder } from '../support/folder.ts'

describe('config/prompt-book', () => {
  const folder = new Folder()

  function book(project = '/a', redact = (text: string) => text): PromptBook {
    const made = new PromptBook({ dataDir: folder.path, project, now: () => 7 })
    made.open(redact)
    return made
  }

  function file(): string {
    return join(folder.at('prompts'), readdirSync(folder.at('prompts'))[0]!)
  }

  it('are kept from session to session, for each project, readable by the person alone', () => {
    book().keep('one\ntwo')
    book().keep('three')
    expect(statSync(file()).mode & 0o777).to.equal(0o600)
    expect(statSync(folder.at('prompts')).mode & 0o777).to.equal(0o700)
    book('/b').keep('other')
    expect(book().recent()).to.deep.equal(['one\ntwo', 'three'])
    expect(book('/b').recent()).to.deep.equal(['other'])
  })

  it('wait until it is known what is secret, and never hold it', () => {
    const early = new PromptBook({ dataDir: folder.path, project: '/a' })
    early.keep('use sk-secret')
    expect(early.recent()).to.deep.equal([])
    early.open((text) => text.replaceAll('sk-secret', '[redacted]'))
    early.keep('again sk-secret')
    expect(early.recent()).to.deep.equal(['use [redacted]', 'again [redacted]'])
    expect(readFileSync(file(), 'utf8')).not.to.include('sk-secret')
  })

  it('are no more than a thousand, and no more than a megabyte', () => {
    const made = book()
    for (let i = 0; i < 1_501; i += 1) made.keep(`prompt ${i}`)
    expect(made.recent()).to.have.length(1_000)
    expect(made.recent()[0]).to.equal('prompt 501')
    expect(readFileSync(file(), 'utf8').split('\n')).to.have.length(1_001)
    for (let i = 0; i < 60; i += 1) made.keep(`${i}${'x'.repeat(30_000)}`)
    expect(made.recent().at(-1)).to.match(/^59x/)
    expect(statSync(file()).size).to.be.below(1024 * 1024)
    made.keep('y'.repeat(40_000))
    expect(made.recent().at(-1)).to.match(/^59x/)
  })

  it('survive a line that a crash has cut short, and a file that is something else', () => {
    const made = book()
    made.keep('one')
    appendFileSync(file(), '{"at":7,"text":"tw\n42\n')
    made.keep('three')
    expect(made.recent()).to.deep.equal(['one', 'three'])
    expect(new PromptBook({ dataDir: '/dev/null', project: '/a' }).recent()).to.deep.equal([])
  })
})
