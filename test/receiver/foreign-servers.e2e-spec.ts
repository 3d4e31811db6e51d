import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Headers, type INestApplication, type MessageEvent, Module, Sse } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createSession } from 'better-sse';
import { concat, interval, map, NEVER, type Observable, of, take as takeOf } from 'rxjs';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, take } from './support/consumers.js';

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe('streams of other servers', () => {
  const closers: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  function createReceiver(): SseReceiverService {
    const receiver = new SseReceiverService();
    closers.push(() => receiver.onModuleDestroy());
    return receiver;
  }

  it('better-sse: events, ids, data in JSON and in several lines, and a resume', async () => {
    const cursors: string[] = [];
    const server = createServer(async (request, response) => {
      const session = await createSession(request, response, { retry: 1, keepAlive: 20 });
      cursors.push(session.lastId);
      if (session.lastId) {
        session.push({ again: true }, 'resumed', '3');
        return;
      }
      session.push('line one\nline two', 'text', '1');
      session.push({ n: 2 }, 'json', '2');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closers.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const subscription = createReceiver().subscribe(urlOf(server), { retry: AT_ONCE });
    const messages = subscription[Symbol.asyncIterator]();
    const first = (await messages.next()).value;
    const second = (await messages.next()).value;
    server.closeAllConnections();
    const third = (await messages.next()).value;
    expect([first?.event, second?.event, third?.event]).toEqual(['text', 'json', 'resumed']);
    expect(first?.json()).toBe('line one\nline two');
    expect(second?.json()).toEqual({ n: 2 });
    expect(third?.lastEventId).toBe('3');
    expect(cursors).toEqual(['', '2']);
  });

  it("Nest's own @Sse(): events, ids and a resume after the stream has ended", async () => {
    @Controller()
    class TicksController {
      @Sse('ticks')
      ticks(@Headers('last-event-id') lastEventId?: string): Observable<MessageEvent> {
        const from = Number(lastEventId ?? 0);
        const ticks = interval(5).pipe(
          takeOf(3),
          map((n) => ({ id: String(from + n + 1), type: 'tick', data: { n: from + n + 1 } })),
        );
        return lastEventId ? concat(ticks, NEVER) : ticks;
      }

      @Sse('text')
      text(): Observable<MessageEvent> {
        return concat(of({ data: 'one\ntwo', retry: 1_234 }), NEVER);
      }
    }
    @Module({ controllers: [TicksController], providers: [SseReceiverService] })
    class TicksModule {}

    const testing = await Test.createTestingModule({ imports: [TicksModule] }).compile();
    const app: INestApplication<Server> = testing.createNestApplication({ forceCloseConnections: true });
    await app.listen(0, '127.0.0.1');
    closers.push(() => app.close());
    const receiver = app.get(SseReceiverService);
    const ticks = receiver.subscribe(`${urlOf(app.getHttpServer())}/ticks`, { retry: AT_ONCE });
    const messages = await take(ticks, 5);
    expect(messages.map((message) => message.event)).toEqual(Array(5).fill('tick'));
    expect(messages.map((message) => message.json())).toEqual([1, 2, 3, 4, 5].map((n) => ({ n })));
    const [text] = await take(receiver.subscribe(`${urlOf(app.getHttpServer())}/text`), 1);
    expect(text?.data).toBe('one\ntwo');
  });

  it('end with the Nest application that receives them', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: a\n\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    closers.push(() => new Promise((resolve) => server.close(resolve)));

    @Module({ providers: [SseReceiverService] })
    class ReceivingModule {}
    const app = await Test.createTestingModule({ imports: [ReceivingModule] }).compile();
    await app.init();
    const subscription = app.get(SseReceiverService).subscribe(urlOf(server));
    const seen: string[] = [];
    const processing = subscription.process(async ({ data }) => {
      seen.push(data);
      await app.close();
    });
    await processing;
    expect(seen).toEqual(['a']);
    expect(subscription.state).toBe('closed');
  });
});
