import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CanActivate } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { SseLimitOptions } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { fill } from '../pusher/support/fill.js';
import { Http2Client } from '../pusher/support/http2-client.js';
import { unfinishedStreams } from '../pusher/support/unfinished.js';
import { type LimitedApp, startLimited } from './support/limited-app.js';

describe('limits on one HTTP/2 connection', () => {
  let app: LimitedApp;
  let client: Http2Client;

  beforeEach(() => {
    client = undefined as never;
  });

  afterEach(async () => {
    client.leave();
    await app.close();
  });

  async function start(limits: SseLimitOptions, guards: CanActivate[] = []): Promise<void> {
    app = await startLimited(new FastifyAdapter({ http2: true } as never), limits, {
      writeTimeoutMs: 0,
      configure: (nest) => nest.useGlobalGuards(...guards),
    });
    client = await Http2Client.connect(`http://127.0.0.1:${app.port}`);
    // More than a stream may have unread: else one that does not read would hold up all others of its connection.
    client.session.setLocalWindowSize(2 ** 20);
  }

  it('count its streams, refuse one of them, and have room when one is reset', async () => {
    await start({ per: { user: 2 } });
    const [first] = [await client.open('/stream?user=ann'), await client.open('/stream?user=ann')];
    const refused = await client.open('/stream?user=ann');
    expect(refused.headers).toMatchObject({ ':status': 429, 'retry-after': '1' });
    expect(JSON.parse(await refused.untilEnd())).toMatchObject({ statusCode: 429 });
    first!.stream.close();
    await eventually(() => unfinishedStreams(app.app) === 1);
    expect((await client.open('/stream?user=ann')).headers[':status']).toBe(200);
  });

  it('replace a stream, reset one whose end is not read, and touch no other', async () => {
    await start({ per: { user: { max: 1, onFull: 'replace-oldest' } } });
    const bob = await client.open('/stream?user=bob');
    const bobsPusher = await app.handedOver.next();
    const sleeper = await client.open('/stream?user=ann');
    const pusher = await app.handedOver.next();
    await sleeper.untilText('retry: ');
    sleeper.stream.pause();
    await fill(pusher);
    const second = await client.open('/stream?user=ann');
    expect(unfinishedStreams(app.app)).toBe(3);
    const third = await client.open('/stream?user=ann');
    sleeper.stream.resume();
    expect(await second.untilEnd()).toMatch(/id: ~replaced\nevent: replaced\ndata: .*\n\n$/);
    await sleeper.until(() => sleeper.closed);
    expect(sleeper.text).not.toContain('~replaced');
    await eventually(() => unfinishedStreams(app.app) === 2);
    expect((await client.open('/stream?user=ann', { 'last-event-id': '~replaced' })).headers[':status']).toBe(204);
    await bobsPusher.push('hello');
    await bob.untilText('data: hello');
    expect(third.ended).toBe(false);
  });

  it('tell all but the newest of those that open in the same turn that they were replaced, so that none comes back', async () => {
    const letIn = deferred();
    let waiting = 0;
    await start({ per: { user: { max: 1, onFull: 'replace-oldest' } } }, [
      {
        async canActivate() {
          waiting++;
          await letIn.promise;
          return true;
        },
      },
    ]);
    const opening = Array.from({ length: 6 }, () => client.open('/feed?user=ann'));
    await eventually(() => waiting === 6);
    letIn.resolve();
    const streams = await Promise.all(opening);
    for (const older of streams.slice(0, -1)) {
      expect(await older.untilEnd()).toContain('id: ~replaced\nevent: replaced\n');
    }
    expect(streams.at(-1)!.ended).toBe(false);
    await eventually(() => unfinishedStreams(app.app) === 1);
  });
});
