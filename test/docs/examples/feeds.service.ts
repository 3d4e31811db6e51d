import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, isIPv6, type LookupFunction } from 'node:net';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { SseReceiverService, type SseSubscription } from 'nestjs-event-stream';
import { Agent } from 'undici';

const inside = new BlockList();
const NETS = '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16';
for (const net of `${NETS} ::/127 64:ff9b::/96 fc00::/7 fe80::/10`.split(' ')) {
  const [address = '', prefix] = net.split('/');
  inside.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Resolves a name as always, and fails when it leads inside. */
const lookupOutside: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const isInside = addresses?.some(({ address, family }) => inside.check(address, family === 6 ? 'ipv6' : 'ipv4'));
    const problem = error ?? (isInside ? new Error(`${hostname} is an address inside`) : null);
    const [first] = addresses ?? [];
    if (options.all) callback(problem, addresses ?? []);
    else callback(problem, first?.address ?? '', first?.family);
  });
};

@Injectable()
export class FeedsService implements OnApplicationShutdown {
  readonly #dispatcher = new Agent({ connect: { lookup: lookupOutside } });

  constructor(private readonly receiver: SseReceiverService) {}

  /** @param url what some user has typed */
  follow(url: string): SseSubscription {
    return this.receiver.subscribe(url, {
      // The name. An address has none, and is connected to without a lookup.
      allow: ({ protocol, hostname }) => protocol === 'https:' && !isIP(hostname.replace(/^\[|\]$/g, '')),
      dispatcher: this.#dispatcher, // what the name leads to
      retry: { maxAttempts: 5 },
      maxMessageBytes: 64 * 1024,
      oversize: 'skip',
    });
  }

  onApplicationShutdown(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}
