import { isIPv6 } from 'node:net';

/** An IPv4 address, or of IPv6 the half that one customer of a provider has: all addresses that begin with it are theirs. */
export function networkOf(ip: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip) ?? [];
  if (mapped || !isIPv6(ip)) {
    return mapped ?? ip;
  }
  const [head, tail = ''] = ip.split('::').map((part) => part.split(':').filter(Boolean));
  const missing = Array.from({ length: 8 - head!.length - tail.length }, () => '0');
  const groups = [...head!, ...missing, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
