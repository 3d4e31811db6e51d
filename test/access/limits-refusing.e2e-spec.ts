import { afterEach, describe, expect, it } from '@jest/globals';
import { SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { fill } from '../pusher/support/fill.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw, type RawStream, readRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { unfinishedStreams } from '../pusher/support/unfinished.js';
import { type LimitedApp, startLimited } from './support/limited-app.js';

describe.each(PLATFORMS)('a limit on %s', (platform) => {
  let app: LimitedApp;

  afterEach(() => app.close());

  const open = (path: string, headers: Record<string, string> = {}): Promise<RawStream> =>
    openRaw(app.port, path, { headers });
  const statusOf = async (path: string): Promise<number> => (await readRaw(app.port, path)).status;
  const nobodyIsThere = () => eventually(() => unfinishedStreams(app.app) === 0);

  describe('per user', () => {
    it('refuses one too many with 429 before it opens, and nobody else', async () => {
      app = await startLimited(platform, { per: { user: 2 } }, { headers: { 'X-Stream': 'yes' } });
      const streams = [await open('/stream?user=ann'), await open('/stream?user=ann')];
      const refused = await readRaw(app.port, '/stream?user=ann');
      expect(refused.status).toBe(429);
      expect(refused.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(refused.headers['content-type']).toContain('application/json');
      expect(refused.headers).not.toHaveProperty('x-stream');
      expect(refused.json).toEqual({
        statusCode: 429,
        message: 'Too many streams: there may be 2 of the same user at once',
        code: 'SSE_CAPACITY',
      });
      expect((await open('/stream?user=bob')).status).toBe(200);
      expect((await open('/stream')).status).toBe(200);
      expect((await open('/stream')).status).toBe(200);
      expect((await open('/stream')).status).toBe(200);
      streams[0]!.leave();
      await eventually(() => app.app.get(SseStreamRegistry).count === 5);
      expect((await open('/stream?user=ann')).status).toBe(200);
      expect(await statusOf('/stream?user=ann')).toBe(429);
    });

    it('lets exactly as many in as it may, of a thousand that come at once', async () => {
      app = await startLimited(platform, { per: { user: 7 } });
      const answers = await Promise.all(Array.from({ length: 1000 }, () => open('/stream?user=ann')));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(7);
      expect(answers.filter(({ status }) => status === 429)).toHaveLength(993);
      for (const answer of answers) {
        answer.leave();
      }
      await nobodyIsThere();
      expect((await open('/stream?user=ann')).status).toBe(200);
    });

    it("with refuseWith 'reconnect' ends at once, with the time to come back", async () => {
      app = await startLimited(platform, { per: { user: 1 }, refuseWith: 'reconnect' }, { retryMs: 2000 });
      await open('/stream?user=ann');
      const refused = await open('/stream?user=ann');
      expect(refused.status).toBe(200);
      expect(refused.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      expect(await refused.untilEnd()).toBe('retry: 2000\n\n');
      expect(unfinishedStreams(app.app)).toBe(1);
    });
  });

  describe('of all streams', () => {
    it('refuses one too many with 503, whoever asks', async () => {
      app = await startLimited(platform, { maxStreams: 2 });
      const [first] = [await open('/stream?user=ann'), await open('/stream')];
      const refused = await readRaw(app.port, '/stream?user=bob');
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toMatch(/^[1-9]\d*$/);
      expect(refused.json).toEqual({
        statusCode: 503,
        message: 'There are as many streams as there may be',
        code: 'SSE_CAPACITY',
      });
      first!.leave();
      await eventually(() => unfinishedStreams(app.app) === 1);
      expect((await open('/stream?user=bob')).status).toBe(200);
    });

    it('counts those whose head is still held, and gives the place of one that fails back', async () => {
      app = await startLimited(platform, { maxStreams: 1, per: { user: 1 } });
      const held = open('/held?user=ann');
      await eventually(() => unfinishedStreams(app.app) === 1);
      expect(await statusOf('/stream?user=ann')).toBe(429);
      expect(await statusOf('/stream?user=bob')).toBe(503);
      app.fail();
      expect((await held).status).toBe(404);
      expect((await open('/stream?user=ann')).status).toBe(200);
    });

    it('counts those that have ended, until their peers have read the end', async () => {
      app = await startLimited(platform, { maxStreams: 1, per: { user: 1 } });
      const sleeper = (await RawSocket.connect(app.port)).get('/stream?user=ann');
      const pusher = await app.handedOver.next();
      await sleeper.untilText('retry: ');
      sleeper.pause();
      await fill(pusher);
      void pusher.close();
      expect(app.app.get(SseStreamRegistry).count).toBe(0);
      expect(await statusOf('/stream?user=ann')).toBe(429);
      expect(await statusOf('/stream?user=bob')).toBe(503);
      sleeper.resume();
      await sleeper.untilText('\r\n0\r\n\r\n');
      expect((await open('/stream?user=ann')).status).toBe(200);
      sleeper.leave();
    });
  });

  it('gives no place to what gets no stream: a refusal, a HEAD, a 204, a handler that throws', async () => {
    app = await startLimited(platform, { maxStreams: 2, per: { user: 1 }, refuseWith: 'reconnect' });
    await open('/stream?user=ann');
    for (let n = 0; n < 3; n++) {
      expect(await statusOf('/stream?user=ann')).toBe(200);
      expect((await readRaw(app.port, '/stream?user=bob', { method: 'HEAD' })).status).toBe(200);
      expect((await readRaw(app.port, '/once?user=bob', { headers: { 'Last-Event-ID': '~end' } })).status).toBe(204);
      expect(await statusOf('/missing?user=bob')).toBe(404);
    }
    expect(unfinishedStreams(app.app)).toBe(1);
    const bob = await open('/stream?user=bob');
    await bob.untilText('retry: ');
    expect(bob.ended).toBe(false);
    expect(await (await open('/stream?user=cid')).untilEnd()).toBe('retry: 50\n\n');
  });

  it('answers a HEAD, and a stream that has ended for good, also when it is full', async () => {
    app = await startLimited(platform, { maxStreams: 1 });
    await open('/stream');
    expect((await readRaw(app.port, '/stream', { method: 'HEAD' })).status).toBe(200);
    expect((await readRaw(app.port, '/once', { headers: { 'Last-Event-ID': '~end' } })).status).toBe(204);
  });

  it('is of one application: what has filled it leaves with it', async () => {
    app = await startLimited(platform, { maxStreams: 1 });
    const stream = await open('/stream');
    await app.close();
    await stream.untilEnd();
    expect(unfinishedStreams(app.app)).toBe(0);
  });
});
