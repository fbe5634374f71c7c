import { expect } from 'chai'
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { watchFiles } from '../../lib/config/watch.ts'
import type { Disposable } from '../../lib/core/dispose.ts'
import { Folder } from '../support/folder.ts'

describe('a file that is watched', () => {
  const folder = new Folder()
  let watching: Disposable | undefined
  let heard = 0
  let wake: (() => void) | undefined

  afterEach(() => watching?.dispose())

  const begin = (...names: string[]) => {
    heard = 0
    const paths = names.map((name) => folder.at(name))
    watching = watchFiles(
      () => paths,
      () => {
        heard++
        wake?.()
      },
    )
  }
  /** Does something, and waits until it was heard of. */
  const after = async (act: () => void) => {
    const woken = new Promise<void>((resolve) => (wake = resolve))
    act()
    await woken
  }

  it('is heard of when it is made, written, replaced and removed', async () => {
    begin('a.toml')
    await after(() => folder.write('a.toml', '1'))
    await after(() => folder.write('a.toml', '2'))
    for (const text of ['3', '4', '5'])
      await after(() => {
        folder.write('a.toml~', text)
        renameSync(folder.at('a.toml~'), folder.at('a.toml'))
      })
    await after(() => rmSync(folder.at('a.toml')))
    expect(heard).to.equal(6)
  })

  it('is heard of though its folder comes later, and goes and comes again', async () => {
    begin('new/deep/a.toml')
    await after(() => {
      mkdirSync(folder.at('new/deep'), { recursive: true })
      folder.write('new/deep/a.toml', '1')
    })
    await after(() => rmSync(folder.at('new'), { recursive: true }))
    await after(() => folder.write('new/deep/a.toml', '2'))
    await after(() => folder.write('new/deep/a.toml', '3'))
    expect(heard).to.equal(4)
  })

  it('is heard of where a link leads', async () => {
    folder.write('dotfiles/linked.toml', '1')
    mkdirSync(folder.at('config'), { recursive: true })
    symlinkSync(folder.at('dotfiles/linked.toml'), folder.at('config/linked.toml'))
    begin('config/linked.toml')
    await after(() => folder.write('dotfiles/linked.toml', '2'))
    expect(heard).to.equal(1)
  })

  it('is not heard of where only its neighbours change, or nothing did', async () => {
    folder.write('b.toml', '1')
    begin('b.toml')
    folder.write('c.toml', '1')
    folder.write('b.toml', '1')
    await new Promise((resolve) => setImmediate(resolve))
    await after(() => folder.write('b.toml', '2'))
    expect(heard).to.equal(1)
  })
})
