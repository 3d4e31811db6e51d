import { ChannelServer } from './growth-channel-server.mjs';

const SIZES = [1000, 3000, 10_000, 30_000, 100_000];

/** Streams of which each follows a channel of its own, and how often each of these channels gets a message. */
const FOLLOWED = 500;
const MESSAGES = 20;
/** How many channels get a further message, however many there are. */
const PUBLISHED_TO = 1000;

const FIRST = 'first message of a channel';
const FURTHER = 'further message';
const OPENING = 'opening a stream';
const DELIVERY = 'message to the one stream of a channel';

const WITH_MESSAGE = 'with one message';
const EMPTY = 'with nothing kept';

/** @param {import('./growth.mjs').Sizes} sizes */
function upTo({ channels }) {
  return SIZES.filter((size) => size <= channels);
}

const AXIS = { label: 'channels in the process' };

/**
 * CPU of a process that has so many channels.
 *
 * @param {import('./growth.mjs').Sizes} sizes
 * @returns {import('./growth.mjs').Growing}
 */
export function channelCosts(sizes) {
  return {
    title: 'Messages and streams, as channels grow',
    file: 'channels',
    x: AXIS,
    y: { label: 'µs of server CPU for each' },
    unit: 'µs',
    sizes: upTo(sizes),
    lines: [FIRST, FURTHER, OPENING, DELIVERY],
    async begin() {
      const server = await ChannelServer.start({ events: 1000 });
      const warmUp = { prefix: 'warm', channels: FOLLOWED, count: FOLLOWED };
      await server.publish({ ...warmUp, times: MESSAGES });
      await withStreams(server, warmUp);
      let existing = 0;
      return {
        async measure(channels) {
          const created = channels - existing;
          const first = await server.cpuUs(() => server.publish({ channels: created, count: created, from: existing }));
          existing = channels;
          const further = await server.cpuUs(() => server.publish({ channels, count: PUBLISHED_TO }));
          const { opening, delivery } = await withStreams(server, { channels, count: FOLLOWED });
          return {
            [FIRST]: first / created,
            [FURTHER]: further / PUBLISHED_TO,
            [OPENING]: opening / FOLLOWED,
            [DELIVERY]: delivery / FOLLOWED / MESSAGES,
          };
        },
        end: () => server.stop(),
      };
    },
  };
}

/** @param {ChannelServer} server @param {import('./growth-channel-server.mjs').Some} followed */
async function withStreams(server, followed) {
  const opening = await server.cpuUs(() => server.follow(followed));
  const delivery = await server.cpuUs(async () => {
    await server.publish({ ...followed, times: MESSAGES });
    await server.delivered(FOLLOWED * MESSAGES);
  });
  await server.leave();
  return { opening, delivery };
}

/**
 * Memory of a channel that nobody follows.
 *
 * @param {import('./growth.mjs').Sizes} sizes
 * @returns {import('./growth.mjs').Growing}
 */
export function channelMemory(sizes) {
  return {
    title: 'Memory of a channel, as channels grow',
    file: 'channel-memory',
    x: AXIS,
    y: { label: 'bytes of heap and buffers per channel' },
    unit: 'B',
    sizes: upTo(sizes),
    lines: [WITH_MESSAGE, EMPTY],
    async begin() {
      const [keeping, empty] = await Promise.all([growing({ events: 1000 }), growing({ events: 0 })]);
      return {
        measure: async (channels) => ({
          [WITH_MESSAGE]: await keeping.each(channels),
          [EMPTY]: await empty.each(channels),
        }),
        end() {
          keeping.end();
          empty.end();
        },
      };
    },
  };
}

/** @param {{ events: number }} history */
async function growing(history) {
  const server = await ChannelServer.start(history);
  await server.publish({ prefix: 'warm', channels: 100, count: 100 });
  const before = await server.heap();
  let existing = 0;
  return {
    /** @param {number} channels */
    async each(channels) {
      const created = channels - existing;
      await server.publish({ channels: created, count: created, from: existing });
      existing = channels;
      return ((await server.heap()) - before) / channels;
    },
    end: () => server.stop(),
  };
}
