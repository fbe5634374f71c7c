import { expect } from 'chai'
import { covers, isAddress, nameOf, targetOf } from '../../lib/sandbox/target.ts'

const written = (authority: string) => {
  const found = targetOf(authority)
  return found === undefined ? 'nothing' : `${isAddress(found) ? 'address' : 'name'} ${nameOf(found)}`
}

const coveredBy = (pattern: string, targets: string[]) => targets.filter((one) => covers(pattern, targetOf(one)!))

describe('a target', () => {
  const rows: [string, string][] = [
    ['example.org:443', 'name example.org:443'],
    ['EXAMPLE.Org.:443', 'name example.org:443'],
    ['bücher.example:80', 'name xn--bcher-kva.example:80'],
    ['localhost:80', 'name localhost:80'],
    ['a_b.example:1', 'name a_b.example:1'],
    ['127.0.0.1:80', 'address 127.0.0.1:80'],
    ['127.1:80', 'address 127.0.0.1:80'],
    ['2130706433:80', 'address 127.0.0.1:80'],
    ['0x7f.0.0.1:80', 'address 127.0.0.1:80'],
    ['0177.0.0.1.:80', 'address 127.0.0.1:80'],
    ['[::1]:80', 'address [::1]:80'],
    ['[::ffff:127.0.0.1]:80', 'address [::ffff:7f00:1]:80'],
    ['⑫７.0.0.1:80', 'address 127.0.0.1:80'],
  ]
  for (const [authority, expected] of rows)
    it(`${authority} is ${expected}`, () => expect(written(authority)).to.equal(expected))

  it('is nothing where it could be read in two ways, or in none', () => {
    const odd = ['', ':80', 'example.org', 'example.org:', 'example.org:0', 'example.org:65536', 'example.org:+8', 'a:1:2', 'user@example.org:80', 'example.org/x:80', 'example.org#:80', 'example.org?:80', 'a\\b:80', 'a b:80', 'a\tb:80', 'a%2eb:80', '-a.example:80', 'a..b:80', '[::1:80', '::1:80', '999.1.1.1:80', `${'a'.repeat(64)}.example:80`, '*.example.org:80'] // prettier-ignore
    expect(odd.map(written).filter((one) => one !== 'nothing')).to.deep.equal([])
  })

  it('is covered by its own name and port, and by a star for a name above', () => {
    const targets = ['example.net:80', 'deb.example.net:80', 'a.b.example.net:80', 'notexample.net:80', 'deb.example.net:443', 'example.net.example:80'] // prettier-ignore
    expect(coveredBy('example.net:80', targets)).to.deep.equal(['example.net:80'])
    expect(coveredBy('*.Example.net:80', targets)).to.deep.equal(['deb.example.net:80', 'a.b.example.net:80'])
  })
})
