import { expect } from 'chai'
import { type Devcontainer, readDevcontainer } from '../../lib/config/devcontainer.ts'

const usual = '.devcontainer/devcontainer.json'
const image = (name: string, ...ignored: string[]): Devcontainer => ({ source: { image: name }, ignored })

describe('devcontainer.json', () => {
  const rows: [what: string, text: string, read: Devcontainer | string, path?: string][] = [
    ['an image', '{ "image": "python:3.12-slim" }', image('python:3.12-slim')],
    [
      'comments, trailing commas and a byte order mark',
      '\uFEFF// first\n{ /* here */ "image": "node:22", // there\n }\n',
      image('node:22'),
    ],
    ['a name, which asks for nothing', '{ "name": "Ours", "$schema": "x", "image": "a/b:1" }', image('a/b:1')],
    [
      'a registry and a digest',
      `{ "image": "registry.example.org:5000/a/b@sha256:${'0'.repeat(64)}" }`,
      image(`registry.example.org:5000/a/b@sha256:${'0'.repeat(64)}`),
    ],
    [
      'what would open the walls: not followed',
      `{ "image": "a", "runArgs": ["--privileged", "-v", "/:/host"], "mounts": ["source=/,target=/host,type=bind"],
         "privileged": true, "capAdd": ["SYS_ADMIN"], "securityOpt": ["seccomp=unconfined"], "features": { "x": {} },
         "initializeCommand": "curl x | sh", "postCreateCommand": "npm ci", "containerEnv": { "A": "1" }, "remoteUser": "root" }`,
      image(
        'a',
        'runArgs',
        'mounts',
        'privileged',
        'capAdd',
        'securityOpt',
        'features',
        'initializeCommand',
        'postCreateCommand',
        'containerEnv',
        'remoteUser',
      ),
    ],
    [
      'a Dockerfile, which lies beside it',
      '{ "build": { "dockerfile": "Dockerfile" } }',
      { source: { dockerfile: '.devcontainer/Dockerfile', context: '.devcontainer', args: {} }, ignored: [] },
    ],
    [
      'a Dockerfile with all that is followed of it, and what is not',
      `{ "build": { "dockerfile": "../docker/dev.Dockerfile", "context": "..", "target": "dev",
         "args": { "VARIANT": "3.12", "HOME": "\${localEnv:HOME}", "N": 1, "a b": "x" }, "cacheFrom": "y", "options": ["--network=host"] },
         "image": "a" }`,
      {
        source: { dockerfile: 'docker/dev.Dockerfile', context: '.', args: { VARIANT: '3.12' }, target: 'dev' },
        ignored: ['image', 'build.cacheFrom', 'build.options', 'build.args.HOME', 'build.args.N', 'build.args.a b'],
      },
    ],
    [
      'the keys of older files',
      '{ "dockerFile": "Dockerfile", "context": "sub/" }',
      { source: { dockerfile: 'Dockerfile', context: 'sub', args: {} }, ignored: [] },
      '.devcontainer.json',
    ],
    ['nothing that it is made from', '{ "features": {} }', 'it names neither an image nor a Dockerfile'],
    ['compose', '{ "dockerComposeFile": "c.yml", "service": "app" }', 'it names neither an image nor a Dockerfile'],
    ['no object', '["image"]', 'it is no object'],
    ['nothing', '', 'line 1: ValueExpected'],
    ['half of one', '{\n  "image": "a"\n  "name": }', 'line 3: CommaExpected'],
    ['something after it', '{ "image": "a" } { "image": "b" }', 'line 1: EndOfFileExpected'],
    ['an option for an image', '{ "image": "--privileged" }', '"--privileged" is no name of an image'],
    ['a variable for an image', '{ "image": "${localEnv:IMAGE}" }', '"${localEnv:IMAGE}" is no name of an image'],
    ['a list for an image', '{ "image": ["a"] }', '["a"] is no name of an image'],
    ['an image of the prototype', '{ "__proto__": { "image": "a" } }', 'it names neither an image nor a Dockerfile'],
    [
      'a Dockerfile outside',
      '{ "build": { "dockerfile": "../../Dockerfile" } }',
      'the Dockerfile "../../Dockerfile" does not lie in the project',
    ],
    [
      'a Dockerfile by its whole path',
      '{ "build": { "dockerfile": "/etc/passwd" } }',
      'the Dockerfile "/etc/passwd" does not lie in the project',
    ],
    [
      'a Dockerfile that leads out and in again',
      '{ "build": { "dockerfile": "../../other/../../x" } }',
      'the Dockerfile "../../other/../../x" does not lie in the project',
    ],
    [
      'a folder for a Dockerfile',
      '{ "build": { "dockerfile": ".." } }',
      'the Dockerfile ".." does not lie in the project',
    ],
    [
      'a context outside',
      '{ "build": { "dockerfile": "Dockerfile", "context": "../.." } }',
      'the context "../.." does not lie in the project',
    ],
    [
      'a context of the environment',
      '{ "build": { "dockerfile": "Dockerfile", "context": "${localEnv:HOME}" } }',
      'the context "${localEnv:HOME}" does not lie in the project',
    ],
    [
      'an option for a stage',
      '{ "build": { "dockerfile": "Dockerfile", "target": "--x" } }',
      '"--x" is no stage of a Dockerfile',
    ],
  ]
  for (const [what, text, read, path = usual] of rows)
    it(`is understood: ${what}`, () => expect(readDevcontainer(path, text)).to.deep.equal(read))

  it('ends for one that is nested without end', () => {
    expect(readDevcontainer(usual, '['.repeat(250_000))).to.be.a('string')
  })
})
