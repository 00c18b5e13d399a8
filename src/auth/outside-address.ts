/**
 * Which addresses are outside: a URL that a client registered must not lead this server to itself, to its network, or to the machine's metadata.
 * RFC 6890 (special-purpose addresses), OWASP Server-Side Request Forgery Prevention
 * @module
 */
import { BlockList, isIP } from 'node:net';

/** Not on the open internet, or no single host's. */
const inside = new BlockList();
for (const net of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
]) {
  const [address = '', bits] = net.split('/');
  inside.addSubnet(address, Number(bits), 'ipv4');
}
/** Of IPv6 only what is given out at all, without what carries an IPv4 address inside or is for documents. */
const given = new BlockList();
given.addSubnet('2000::', 3, 'ipv6');
for (const [address, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  inside.addSubnet(address, bits, 'ipv6');

/** Whether this is the address of a host outside; whatever is no address is not. */
export function isOutside(address: string): boolean {
  const kind = isIP(address);
  if (kind === 4) return !inside.check(address, 'ipv4');
  return kind === 6 && !address.includes('%') && given.check(address, 'ipv6') && !inside.check(address, 'ipv6');
}
