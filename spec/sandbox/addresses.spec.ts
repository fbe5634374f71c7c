import { networkInterfaces } from 'node:os'
import { expect } from 'chai'
import { Failure } from '../../lib/core/failure.ts'
import { checkedAddresses, isPublic } from '../../lib/sandbox/addresses.ts'

describe('sandbox addresses', () => {
  const refused: Record<string, string[]> = {
    'this host': ['0.0.0.0', '0.1.2.3', '127.0.0.1', '127.8.8.8', '::', '::1'],
    'private networks': ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1', 'fc00::1', 'fd12::1'],
    'links and the services of clouds': ['169.254.169.254', '168.63.129.16', '100.100.100.200', 'fd00:ec2::254', 'fe80::1'],
    'multicast and broadcast': ['224.0.0.1', '239.255.255.250', '255.255.255.255', 'ff02::1'],
    'tests, documentation, protocols': ['192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1', '3fff::1'],
    'IPv4 in other clothes': ['::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::'],
    'what is no address': ['', 'localhost', '1.2.3', '8.8.8.8:80', '[2606:4700::1]'],
  } // prettier-ignore

  for (const [what, addresses] of Object.entries(refused))
    it(`of ${what} are not public`, () => expect(addresses.filter(isPublic)).to.deep.equal([]))

  it('of this very machine are not public, whatever they are', () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all!.map(({ address }) => address))
    expect(own.filter(isPublic)).to.deep.equal([])
  })

  it('of the Internet are public', () => {
    const addresses = ['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '223.255.255.255', '2606:4700::1', '2a00::1']
    expect(addresses.filter(isPublic)).to.deep.equal(addresses)
  })

  it('are those that were looked up, all of them or none', async () => {
    const answers = new Map([
      ['good.example', ['8.8.8.8', '2606:4700::1']],
      ['mixed.example', ['8.8.8.8', '10.0.0.1']],
    ])
    const ask = async (name: string) => {
      const lookup = async () => answers.get(name) ?? Promise.reject(new Error('ENOTFOUND'))
      try {
        return await checkedAddresses(name, lookup, isPublic)
      } catch (error) {
        return error instanceof Failure ? `${error.code}: ${error.message}` : error
      }
    }
    expect(await ask('good.example')).to.deep.equal(['8.8.8.8', '2606:4700::1'])
    expect(await ask('mixed.example')).to.equal('unsafe: mixed.example leads to 10.0.0.1, which is no public address')
    expect(await ask('none.example')).to.equal('network: the name none.example was not found')
  })
})
