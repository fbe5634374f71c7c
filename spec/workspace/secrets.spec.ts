import { mkdirSync, symlinkSync } from 'node:fs'
import { expect } from 'chai'
import { findSecrets } from '../../lib/workspace/find-secrets.ts'
import { Secrets } from '../../lib/workspace/secrets.ts'
import { Folder } from '../support/folder.ts'

const key = '-----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY-----\n'
const certificate = '-----BEGIN CERTIFICATE-----\nMIIDdz==\n-----END CERTIFICATE-----\n'

describe('workspace: what is a secret', () => {
  const folder = new Folder()

  const secret = [
    '.env',
    '.ENV',
    '.env.production',
    'a/.envrc',
    'deep/in/it/prod.env',
    'certs/server.key',
    'keys/store.p12',
    'x.pfx',
    '.ssh/anything',
    'id_rsa',
    'deploy/id_ed25519',
    '.netrc',
    '.git-credentials',
    '.aws/credentials',
    '.docker/config.json',
    'ops/kubeconfig',
    'home/.kube/config',
    'absent.pem',
    'absent/.npmrc',
  ]
  for (const path of secret) {
    it(`takes ${path} for one`, () => expect(new Secrets(folder.path).isSecret(path)).to.equal(true))
  }

  const plain = [
    '.env.example',
    'a/.env.sample',
    '.env.template',
    '.env.dist',
    'environment.ts',
    'id_rsa.pub',
    '.ssh/config',
    '.ssh/known_hosts',
    'config.json',
    'key.ts',
    'node_modules/x/.env',
    'a/.venv/lib/cacert.pem',
    '',
  ]
  for (const path of plain) {
    it(`takes ${path || 'nothing'} for none`, () => expect(new Secrets(folder.path).isSecret(path)).to.equal(false))
  }

  const held: [string, string, boolean][] = [
    ['a.pem', key, true],
    ['b.pem', certificate, false],
    ['c.pem', certificate + key.replace('PRIVATE', 'RSA PRIVATE'), true],
    ['.npmrc', 'engine-strict=true\nsave-exact=true\n', false],
    ['.npmrc', '//packages.example.org/:_authToken=abc\n', true],
    ['.yarnrc.yml', 'nodeLinker: node-modules\n', false],
    ['.yarnrc.yml', 'npmAuthToken: abc\n', true],
    ['.pypirc', '[distutils]\nindex-servers = x\n', false],
    ['.pypirc', '[x]\nusername = a\npassword = b\n', true],
    ['pip.conf', '[global]\nindex-url = https://a:b@packages.example.org/\n', true],
  ]
  for (const [path, content, is] of held) {
    it(`takes ${path} with ${JSON.stringify(content.slice(0, 50))} for ${is ? 'one' : 'none'}`, () => {
      folder.write(path, content)
      expect(new Secrets(folder.path).isSecret(path)).to.equal(is)
    })
  }

  it('heeds what the person hides, and what they let be seen', () => {
    const secrets = new Secrets(folder.path, ['/config/prod/', '*.dump', '!.env.test'])
    const paths = ['config/prod/db.ts', 'config/dev/db.ts', 'a/b.dump', '.env.test', '.env']
    expect(paths.filter((path) => secrets.isSecret(path))).to.deep.equal(['config/prod/db.ts', 'a/b.dump', '.env'])
  })

  it('finds them at any depth, by what a link leads to, and not in dependency folders', async () => {
    for (const path of ['.env', 'a/b/c/.env.local', 'a/.env.example', 'node_modules/x/.env', 'src/a.ts', 'plain/dev'])
      folder.write(path, 'A=1\n')
    folder.write('odd \n name/k.pem', key)
    mkdirSync(folder.at('.env.d'))
    symlinkSync('plain/dev', folder.at('.env.linked'))
    symlinkSync('/etc/hostname', folder.at('.env.outside'))
    const found = ['.env', 'a/b/c/.env.local', 'odd \n name/k.pem', 'plain/dev']
    expect(await findSecrets(new Secrets(folder.path))).to.deep.equal(found)
  })
})
