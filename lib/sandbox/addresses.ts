import { Resolver } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Failure } from '../core/failure.ts'

/** Milliseconds for one question to a name server, and how often it is asked. */
const lookupPatience = { timeout: 4000, tries: 2 }

/** Every address that a name has. Rejects where it has none. */
export type Lookup = (name: string) => Promise<string[]>

/** What of IPv4 is not the public Internet (IANA IPv4 Special-Purpose Address Registry, and what the comments say). */
const special: [network: string, bits: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // multicast, reserved, broadcast
  ['224.0.0.0', 3],
  // a cloud's own services, at an address that looks public
  ['168.63.129.16', 32],
]

/** What of 2000::/3 is not: protocols, Teredo, documentation, 6to4; three of them hold IPv4 addresses. */
const special6: [network: string, bits: number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const refused = new BlockList()
for (const [network, bits] of special) refused.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of special6) refused.addSubnet(network, bits, 'ipv6')

/** All that is given out for use on the Internet: mapped, link-local, unique local and multicast addresses are not. */
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')

/** Whether an address lies on the public Internet, and is none of this machine's own. What is no address does not. */
export function isPublic(address: string): boolean {
  const family = isIP(address)
  if (family === 0 || ownAddresses().has(address)) return false
  if (family === 4) return !refused.check(address, 'ipv4')
  return global6.check(address, 'ipv6') && !refused.check(address, 'ipv6')
}

function ownAddresses(): Set<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []))
}

/** Asks the name servers; the machine's own names (/etc/hosts) are none of the sandbox's business. */
export const lookUp: Lookup = async (name) => {
  // Not getaddrinfo: it would wait in the threads that files are read in.
  const resolver = new Resolver(lookupPatience)
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  if (addresses.length > 0) return addresses
  throw (answers[0] as PromiseRejectedResult).reason
}

/**
 * Looks a name up and gives its addresses: those to connect to, and no others, since the next look-up may say another
 * thing. One address that is not permitted makes all of them suspect.
 *
 * Errors: `Failure` `network` where the name has no address, `unsafe` where one is not permitted.
 */
export async function checkedAddresses(
  name: string,
  lookup: Lookup,
  permitted: (address: string) => boolean,
): Promise<string[]> {
  let addresses: string[]
  try {
    addresses = await lookup(name)
  } catch (cause) {
    throw new Failure('network', `the name ${name} was not found`, { cause })
  }
  const odd = addresses.find((address) => !permitted(address))
  if (odd !== undefined) throw new Failure('unsafe', `${name} leads to ${odd}, which is no public address`)
  return addresses
}
