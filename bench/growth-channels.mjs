import { ChannelServer } from './growth-channel-server.mjs';

const SIZES = [1000, 3000, 10_000, 30_000, 100_000];

/** Streams of which each follows a channel of its own, and how often each of these channels gets a message. */
const FOLLOWED = 500;
const MESSAGES = 20;
/** Opening a stream is compiled well after a thousand times. */
const WARM_UP = 4;
/** How many channels get further messages, however many there are, and how many each. */
const PUBLISHED_TO = 1000;
const FURTHER_MESSAGES = 5;

const FIRST = 'first message of a channel';
const FURTHER = 'further message';
const OPENING = 'opening a stream';
const DELIVERY = 'message to the one stream of a channel';

/** Some kilobytes of this and that would look like the memory of fewer. */
const LEAST_REMEMBERED = 3000;

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
      await server.publish(warmUp);
      for (let time = 0; time < WARM_UP; time++) await withStreams(server, warmUp);
      let existing = 0;
      return {
        async measure(channels) {
          const created = channels - existing;
          const first = await server.cpuUs(() => server.publish({ channels: created, count: created, from: existing }));
          existing = channels;
          const further = await server.cpuUs(() =>
            server.publish({ channels, count: PUBLISHED_TO, times: FURTHER_MESSAGES }),
          );
          const { opening, delivery } = await withStreams(server, { channels, count: FOLLOWED });
          return {
            [FIRST]: first / created,
            [FURTHER]: further / PUBLISHED_TO / FURTHER_MESSAGES,
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
    sizes: upTo(sizes).filter((size) => size >= LEAST_REMEMBERED),
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
