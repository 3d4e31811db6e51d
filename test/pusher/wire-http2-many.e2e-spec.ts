import { constants } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { SseStreamRegistry } from '../../lib/index.js';
import { type ChannelApp, dataOf, startChannelApp } from '../channel/support/channel-app.js';
import { eventually } from './support/eventually.js';
import { Http2Client, type Http2Stream } from './support/http2-client.js';
import { selfSigned } from './support/self-signed.js';
import { unfinishedStreams } from './support/unfinished.js';

const STREAMS = 200;
/** Each as large as a frame of HTTP/2 may be by default; eight of them are twice the window of a stream. */
const LARGE = Array.from({ length: 8 }, (_, n) => `${n}${'x'.repeat(16_384)}`);

describe.each([
  ['h2c', undefined],
  ['h2 over TLS', selfSigned()],
])('200 streams on one session of Fastify %s', (_, tls) => {
  let app: ChannelApp;
  let client: Http2Client;
  let streams: Http2Stream[];

  beforeEach(async () => {
    const adapter = new FastifyAdapter({ http2: true, ...(tls && { https: tls }) } as never);
    app = await startChannelApp(adapter);
    client = await Http2Client.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${app.port}`, tls?.cert);
    streams = await Promise.all(Array.from({ length: STREAMS }, () => client.open('/stream?of=news')));
    await eventually(() => registry().count === STREAMS);
  });

  afterEach(async () => {
    client.leave();
    await app.close();
  });

  const registry = () => app.app.get(SseStreamRegistry);

  /** Publishes in order, and waits until all these streams have had the last. */
  async function broadcast(to: readonly Http2Stream[], ...texts: string[]): Promise<void> {
    for (const text of texts) await app.channels.publish('news', text);
    await Promise.all(to.map((stream) => stream.untilText(`data: ${texts.at(-1)}\n\n`)));
  }

  it('open all, and get what is published, each once and in order', async () => {
    expect(new Set(streams.map(({ headers }) => headers[':status']))).toEqual(new Set([200]));
    expect(new Set(streams.map(({ stream }) => stream.session))).toEqual(new Set([client.session]));
    await broadcast(streams, 'one', 'two', 'three');
    for (const stream of streams) expect(dataOf(stream)).toEqual(['one', 'two', 'three']);
  });

  it('go on when one is reset', async () => {
    await broadcast(streams, 'one');
    const [reset, ...others] = streams;
    reset!.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    await eventually(() => registry().count === STREAMS - 1);
    await broadcast(others, 'two');
    for (const stream of others) expect(dataOf(stream)).toEqual(['one', 'two']);
    expect(dataOf(reset!)).toEqual(['one']);
    expect(client.session.closed).toBe(false);
    await eventually(() => unfinishedStreams(app.app) === STREAMS - 1);
  });

  it('go on while one is not read, which gets all of it later', async () => {
    await broadcast(streams, 'one');
    const [stalled, ...others] = streams;
    stalled!.stream.pause();
    await broadcast(others, ...LARGE);
    for (const stream of others) expect(dataOf(stream)).toEqual(['one', ...LARGE]);
    expect(dataOf(stalled!)).not.toContain(LARGE.at(-1));
    expect(registry().count).toBe(STREAMS);
    stalled!.stream.resume();
    await stalled!.untilText(`data: ${LARGE.at(-1)}\n\n`);
    expect(dataOf(stalled!)).toEqual(['one', ...LARGE]);
  });

  it('all end with their session', async () => {
    client.leave();
    await eventually(() => unfinishedStreams(app.app) === 0);
    expect(registry().count).toBe(0);
  });

  it('all end in good order when the application closes', async () => {
    const ends = streams.map((stream) => stream.untilEnd());
    await app.close();
    for (const text of await Promise.all(ends)) expect(text).toMatch(/retry: \d+\n\n$/);
    await client.untilClosed();
  });
});
