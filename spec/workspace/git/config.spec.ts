import { expect } from 'chai'
import { spawnSync } from 'node:child_process'
import { configText, formatOf, harmlessOf, parseConfig } from '../../../lib/workspace/git/config.ts'
import { Folder } from '../../support/folder.ts'

/** What a project could bring to have something run, read or told. */
const dangerous = `
[core]
	fsmonitor = run
	hooksPath = run
	sshCommand = run
	pager = run
	editor = run
	askPass = run
	gitProxy = run
	alternateRefsCommand = run
	attributesFile = run
	excludesFile = /etc/passwd
	worktree = /etc
[include]
	path = run
[includeIf "gitdir:/"]
	path = run
[alias]
	status = !run
[filter "x"]
	clean = run
	process = run
[diff "x"]
	textconv = run
	command = run
[diff]
	external = run
[merge "x"]
	driver = run
[credential]
	helper = !run
[credential "https://example.org"]
	username = secret
[http]
	extraHeader = secret
[url "ext::run"]
	insteadOf = /
[remote "x"]
	uploadpack = run
	vcs = run
	proxy = secret
[submodule "x"]
	update = !run
[gpg]
	program = run
[uploadpack]
	packObjectsHook = run
[sequence]
	editor = run
[protocol "ext"]
	allow = always
[extensions]
	worktreeConfig = true
`

const url = (value: string) => harmlessOf([{ key: 'remote.origin.url', value }])[0]!.value

describe("git's configuration, read without git", () => {
  const folder = new Folder()

  it('is read as git reads it', () => {
    const text = `; c
[Core] ignoreCase = Yes # c
	x = a "b ; c" d\\t\\"e\\\\ ; c
[remote "a.B\\"c"]
	URL = one\\
two
	fetch = +refs/heads/*:refs/remotes/a/*
	fetch = second
[branch.Old] merge = x
[user]
	name =   spaced   out
	email
[section-with.sub "q"] k=v
`
    const file = folder.write('config', text)
    const said = spawnSync('git', ['config', '-z', '--file', file, '--list'], { encoding: 'utf8' })
    expect(said.status, said.stderr).to.equal(0)
    const expected = said.stdout.split('\0').slice(0, -1)
    const found = parseConfig(Buffer.from(text)).map(({ key, value }) => `${key}\n${value}`)
    // Of a key without a value git tells no value; it counts as true.
    expect(found).to.deep.equal(expected.map((line) => (line.includes('\n') ? line : `${line}\ntrue`)))
  })

  it('gives nothing that runs, reads or tells', () => {
    expect(harmlessOf(parseConfig(Buffer.from(dangerous)))).to.deep.equal([])
    expect(formatOf(parseConfig(Buffer.from(dangerous)))).to.deep.equal([
      { key: 'core.repositoryformatversion', value: '0' },
    ])
  })

  it('gives names and addresses without their secrets, as git reads them again', () => {
    expect(url('https://name:secret@example.org/a.git?token=secret#x')).to.equal('https://example.org/a.git')
    expect(url('https://secret@example.org/a@b.git')).to.equal('https://example.org/a@b.git')
    expect(url('https://a@secret@example.org/a.git')).to.equal('https://example.org/a.git')
    expect(url('ssh://git:secret@example.org:22/a.git')).to.equal('ssh://git@example.org:22/a.git')
    expect(url('git@example.org:a.git')).to.equal('git@example.org:a.git')
    const settings = [
      { key: 'branch.a "b\\c.merge', value: 'refs/heads/x' },
      { key: 'branch.a "b\\c.remote', value: 'o' },
      { key: 'user.name', value: ' "quoted" \\ ; # \n\tend ' },
    ]
    expect(parseConfig(Buffer.from(configText(settings)))).to.deep.equal(settings)
    const file = folder.write('config', configText(settings))
    const said = spawnSync('git', ['config', '-z', '--file', file, '--list'], { encoding: 'utf8' })
    expect(said.stdout).to.equal(settings.map(({ key, value }) => `${key}\n${value}\0`).join(''))
  })
})
