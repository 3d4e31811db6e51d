import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent } from 'undici';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { ScriptedServer, stream } from './support/scripted-server.js';

const FRAME = `data: ${'x'.repeat(994)}\n\n`;
const MIB = 1024 * 1024;

describe('backpressure', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream());
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  /** Writes as long as the socket takes it; resolves with the number of frames written when it takes no more for long. */
  async function writeUntilFull(limit: number): Promise<number> {
    const response = await server.response(1);
    let written = 0;
    for (let idleTurns = 0; idleTurns < 500 && written < limit; ) {
      if (response.writableNeedDrain) {
        idleTurns++;
        await new Promise(setImmediate);
      } else {
        idleTurns = 0;
        written++;
        response.write(FRAME);
      }
    }
    return written;
  }

  it.each(['for await', 'process()'])('reaches the server when %s stops taking', async (how) => {
    const subscription = receiver.subscribe(server.url);
    let goOn = () => {};
    let taken = 0;
    const stopped = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const consuming =
      how === 'process()'
        ? subscription.process(async () => {
            taken++;
            await stopped;
          })
        : (async () => {
            for await (const _message of subscription) {
              taken++;
              await stopped;
            }
          })();
    const limit = 64 * 1024;
    const written = await writeUntilFull(limit);
    expect(written).toBeLessThan(limit);
    expect(taken).toBe(1);
    goOn();
    const response = await server.response(1);
    const more = 20 * 1024;
    for (let frame = 0; frame < more; frame++) {
      if (!response.write(FRAME)) await new Promise((resolve) => response.once('drain', resolve));
    }
    while (taken < written + more) await new Promise(setImmediate);
    expect(taken).toBe(written + more);
    await subscription.close();
    await consuming;
  });

  it('lets the slowest consumer set the pace of the others, until it leaves', async () => {
    const subscription = receiver.subscribe(server.url);
    const slow = subscription[Symbol.asyncIterator]();
    const first = slow.next();
    let fast = 0;
    const consuming = subscription.process(async () => {
      fast++;
    });
    const limit = 64 * 1024;
    const written = await writeUntilFull(limit);
    await first;
    expect(written).toBeLessThan(limit);
    expect(fast).toBeLessThan(written);
    await slow.return?.();
    while (fast < written) await new Promise(setImmediate);
    expect(subscription.state).toBe('open');
    await subscription.close();
    await consuming;
  });

  it('never holds up for an Observable, which cannot ask for it', async () => {
    const subscription = receiver.subscribe(server.url);
    let pushed = 0;
    subscription.messages$.subscribe(() => {
      pushed++;
    });
    const frames = (4 * MIB) / FRAME.length;
    const written = await writeUntilFull(frames);
    while (pushed < written) await new Promise(setImmediate);
    expect(pushed).toBeGreaterThanOrEqual(frames);
  });

  it('delivers what was held up when the connection is lost meanwhile', async () => {
    const subscription = receiver.subscribe(server.url, { retry: { nextDelayMs: () => undefined } });
    const iterator = subscription[Symbol.asyncIterator]();
    const first = iterator.next();
    const response = await server.response(1);
    response.end(FRAME.repeat(300));
    await first;
    let taken = 1;
    for (; ; taken++) {
      const result = await iterator.next().catch(() => undefined);
      if (!result || result.done) break;
    }
    expect(taken).toBe(300);
  });

  it('reaches the server through a dispatcher that was passed in, too', async () => {
    const dispatcher = new Agent();
    const subscription = receiver.subscribe(server.url, { dispatcher });
    const iterator = subscription[Symbol.asyncIterator]();
    const first = iterator.next();
    const limit = 64 * 1024;
    const written = await writeUntilFull(limit);
    await first;
    expect(written).toBeLessThan(limit);
    for (let taken = 1; taken < written; taken++) await iterator.next();
    await subscription.close();
    await dispatcher.destroy();
  });
});
