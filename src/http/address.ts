/**
 * Whose network address a request comes from. X-Forwarded-For is believed only from proxies that the configuration names, and only as far as they reach.
 * @module
 */
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

/** @param proxies IP addresses and networks: `10.0.0.1`, `10.0.0.0/8` */
export function createAddressOf(proxies: readonly string[]): (request: IncomingMessage) => string | undefined {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return request => {
    const remote = request.socket.remoteAddress;
    if (remote === undefined) return undefined;
    let address = plain(remote);
    if (proxies.length === 0 || !isTrusted(address)) return address;
    // From the right: each hop was written by the one after it; the first one that is no proxy of ours is the client.
    const hops = String(request.headers['x-forwarded-for'] ?? '').split(',');
    for (const hop of hops.reverse()) {
      const next = plain(hop.trim());
      if (isIP(next) === 0) break;
      address = next;
      if (!isTrusted(next)) break;
    }
    return address;
  };
}
