import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SseChannels } from '../../../lib/index.js';
import { SeededRandom } from './seeded-random.js';
import { StreamClient } from './stream-client.js';

const CLIENTS = 200;
const MESSAGES = 250;

/** What one client was to get, and what it got. */
export interface RaceResult {
  readonly expected: string[];
  readonly got: string[];
  readonly connections: number;
}

/**
 * Clients connect, drop and come back at random while messages are published without pause: to the two channels of the
 * round, and as broadcasts. Half of the clients follow both channels, the others only the first; all start with everything
 * that is kept.
 */
export async function race(port: number, channels: SseChannels, round: number): Promise<RaceResult[]> {
  const random = new SeededRandom(round);
  const names = [`first-${round}`, `second-${round}`] as const;
  const runners = Array.from({ length: CLIENTS }, (_, n) => {
    const followed = n % 2 ? names : names.slice(0, 1);
    const query = `round=${round}&channels=${followed.join(',')}`;
    return { client: new StreamClient(port, `/race?${query}`), followsBoth: n % 2 === 1 };
  });
  const published = { both: [] as string[], first: [] as string[] };
  const isDone = (client: StreamClient) => client.messages.at(-1)?.event === 'last';

  let n = 0;
  const publish = (event: string) => {
    n++;
    const target = event === 'last' ? 'all' : random.pick(['first', 'first', 'second', 'all'] as const);
    const message = { event, data: `${round}:${n}` };
    published.both.push(message.data);
    if (target !== 'second') {
      published.first.push(message.data);
    }
    void (target === 'all'
      ? channels.broadcast(message)
      : channels.publish(target === 'first' ? names[0] : names[1], message));
  };

  while (n < MESSAGES) {
    for (const { client } of runners) {
      stir(client, random);
    }
    for (let burst = random.int(12); burst >= 0 && n < MESSAGES; burst--) {
      publish('n');
    }
    await nextTurn();
  }
  publish('last');
  await Promise.all(
    runners.map(async ({ client }) => {
      while (!isDone(client)) {
        if (!client.isConnected) {
          client.connect();
        }
        client.resume();
        await client.until((each) => isDone(each) || !each.isConnected);
      }
      client.cut();
    }),
  );
  return runners.map(({ client, followsBoth }) => ({
    // What came as a broadcast of an earlier round is still kept, and so begins a replay of everything.
    got: client.data.filter((data) => data.startsWith(`${round}:`)),
    expected: followsBoth ? published.both : published.first,
    connections: client.connections,
  }));
}

function stir(client: StreamClient, random: SeededRandom): void {
  if (!client.isConnected) {
    if (random.chance(0.3)) {
      client.connect();
    }
  } else if (random.chance(0.06)) {
    client.cut();
  } else if (random.chance(0.05)) {
    client.pause();
  } else if (random.chance(0.2)) {
    client.resume();
  }
}
