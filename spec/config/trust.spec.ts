import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { largestItem } from '../../lib/config/inside.ts'
import { projectItems } from '../../lib/config/project-items.ts'
import { Trust } from '../../lib/config/trust.ts'
import { Folder } from '../support/folder.ts'

describe('what a project brings', () => {
  const folder = new Folder()
  const found = () => {
    const { items, skipped } = projectItems(folder.at('project'))
    return [...items.map(({ name, kind, bytes }) => [name, kind, bytes.toString()]), ...skipped]
  }

  it('is nothing in most', () => {
    mkdirSync(folder.at('project'))
    expect(found()).to.deep.equal([])
  })

  it('is its configuration, its instructions and its devcontainer, each as it is now', () => {
    folder.write('project/AGENTS.md', 'agents')
    folder.write('project/CLAUDE.md', 'claude')
    folder.write('project/.drydock/config.toml', 'config')
    folder.write('project/.drydock/instructions.md', 'instructions')
    folder.write('project/.devcontainer/devcontainer.json', '{ "image": "a" }')
    expect(found()).to.deep.equal([
      ['.drydock/config.toml', 'config', 'config'],
      ['AGENTS.md', 'instructions', 'agents'],
      ['CLAUDE.md', 'instructions', 'claude'],
      ['.drydock/instructions.md', 'instructions', 'instructions'],
      ['.devcontainer/devcontainer.json', 'devcontainer', '{ "image": "a" }'],
    ])
    const { project, path, sha256 } = projectItems(folder.at('project')).items[1]!
    expect({ project, path, sha256 }).to.deep.equal({
      project: folder.at('project'),
      path: folder.at('project/AGENTS.md'),
      sha256: createHash('sha256').update('agents').digest('hex'),
    })
  })

  it('is a Dockerfile too, where the devcontainer is built from one: neither counts without the other', () => {
    const name = '.devcontainer/devcontainer.json'
    const text = '{ "build": { "dockerfile": "../Dockerfile" } }'
    folder.write(`project/${name}`, text)
    folder.write('project/.devcontainer.json', '{ "image": "of no use beside the other" }')
    expect(found()).to.deep.equal([{ name, reason: 'its Dockerfile Dockerfile cannot be read' }])
    folder.write('project/Dockerfile', 'FROM a')
    expect(found()).to.deep.equal([
      [name, 'devcontainer', text],
      ['Dockerfile', 'dockerfile', 'FROM a'],
    ])
  })

  it('is no devcontainer that says nothing usable', () => {
    folder.write('project/.devcontainer.json', '{ "image": "--privileged" }')
    const reason = '"--privileged" is no name of an image'
    expect(found()).to.deep.equal([{ name: '.devcontainer.json', reason }])
  })

  it('is nothing outside of it, whatever links there are', () => {
    folder.write('outside/secret', 'secret')
    folder.write('outside/config.toml', 'secret')
    folder.write('project-2/secret', 'secret')
    folder.write('project/CLAUDE.md', 'inside')
    symlinkSync('CLAUDE.md', folder.at('project/AGENTS.md'))
    symlinkSync(folder.at('outside'), folder.at('project/.drydock'))
    mkdirSync(folder.at('project/.devcontainer'))
    symlinkSync('../../project-2/secret', folder.at('project/.devcontainer/devcontainer.json'))
    const reason = 'it is a link that leads out of the project'
    expect(found()).to.deep.equal([
      ['AGENTS.md', 'instructions', 'inside'],
      ['CLAUDE.md', 'instructions', 'inside'],
      { name: '.drydock/config.toml', reason },
      { name: '.devcontainer/devcontainer.json', reason },
    ])
  })

  it('is read though the project itself is reached by a link', () => {
    folder.write('real/AGENTS.md', 'agents')
    symlinkSync(folder.at('real'), folder.at('project'))
    expect(found()).to.deep.equal([['AGENTS.md', 'instructions', 'agents']])
  })

  it('is no folder, no pipe, nothing endless and nothing too large', () => {
    mkdirSync(folder.at('project/AGENTS.md'), { recursive: true })
    spawnSync('mkfifo', [folder.at('project/CLAUDE.md')])
    folder.write('project/.drydock/instructions.md', Buffer.alloc(largestItem + 1))
    folder.write('project/.drydock/config.toml', Buffer.alloc(largestItem))
    folder.write('project/.devcontainer', 'a file')
    const { items, skipped } = projectItems(folder.at('project'))
    expect([items.map(({ name, bytes }) => [name, bytes.length]), skipped]).to.deep.equal([
      [['.drydock/config.toml', largestItem]],
      [
        { name: 'AGENTS.md', reason: 'it is not a regular file' },
        { name: 'CLAUDE.md', reason: 'it is not a regular file' },
        { name: '.drydock/instructions.md', reason: 'it is larger than 256 KiB' },
      ],
    ])
  })

  it('is not a link that leads to itself', () => {
    mkdirSync(folder.at('project'))
    symlinkSync('AGENTS.md', folder.at('project/AGENTS.md'))
    expect(found()).to.deep.equal([{ name: 'AGENTS.md', reason: 'it cannot be read (ELOOP)' }])
  })
})

describe('trust', () => {
  const folder = new Folder()
  const store = () => new Trust(folder.at('data/trust.json'))
  const item = (text: string, project = 'project') => {
    folder.write(`${project}/AGENTS.md`, text)
    return projectItems(folder.at(project)).items[0]!
  }

  it('is not there before a yes, and stays for these bytes, here', () => {
    const first = item('one')
    expect(store().isTrusted(first)).to.equal(false)
    store().trust([first])
    expect([
      store().isTrusted(first),
      store().isTrusted(item('one')),
      store().isTrusted(item('two')),
      store().isTrusted(item('one', 'other')),
    ]).to.deep.equal([true, true, false, false])
  })

  it('is asked for again when what was trusted comes back after a change', () => {
    const trust = store()
    trust.trust([item('one')])
    trust.trust([item('two')])
    expect([trust.isTrusted(item('one')), trust.isTrusted(item('two'))]).to.deep.equal([false, true])
  })

  it('is of single things', () => {
    folder.write('project/.drydock/config.toml', '')
    item('one')
    const [config, agents] = projectItems(folder.at('project')).items
    store().trust([agents!])
    expect([store().isTrusted(config!), store().isTrusted(agents!)]).to.deep.equal([false, true])
  })

  it('can be taken back', () => {
    const [here, there] = [item('one'), item('one', 'other')]
    store().trust([here, there])
    store().distrust([here])
    expect([store().isTrusted(here), store().isTrusted(there)]).to.deep.equal([false, true])
  })

  it('sees what another Drydock wrote', () => {
    const [one, two] = [store(), store()]
    const [here, there] = [item('one'), item('one', 'other')]
    one.trust([here])
    two.trust([there])
    expect([one.isTrusted(there), two.isTrusted(here)]).to.deep.equal([true, true])
  })

  it('is kept for the person alone', () => {
    store().trust([item('one')])
    const mode = (name: string) => statSync(folder.at(name)).mode & 0o777
    expect([mode('data/trust.json'), mode('data'), readdirSync(folder.at('data'))]).to.deep.equal([
      0o600,
      0o700,
      ['trust.json'],
    ])
  })

  const broken = [
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"projects":{}}',
    '{"version":1,"projects":{"/a":3}}',
    '{"version":1,"projects":{"/a":{"b":3}}}',
    '\0\xff',
  ]
  for (const text of broken)
    it(`is nothing where the file is broken, which is kept: ${JSON.stringify(text)}`, () => {
      const path = folder.write('data/trust.json', text)
      expect(store().isTrusted(item('one'))).to.equal(false)
      const [aside, ...more] = readdirSync(folder.at('data'))
      expect([aside?.replace(/\d+$/, ''), more, readFileSync(folder.at(`data/${aside}`), 'utf8')]).to.deep.equal([
        'trust.json.broken-',
        [],
        text,
      ])
      store().trust([item('one')])
      expect(JSON.parse(readFileSync(path, 'utf8')).version).to.equal(1)
    })

  it('is not lost when it cannot be kept', () => {
    folder.write('data', 'a file')
    expect(folder.failure(() => store().trust([item('one')]))).to.match(
      /^(config|disk) ~\/data\/trust\.json: cannot be /,
    )
    rmSync(folder.at('data'))
  })
})
