import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, take } from './support/consumers.js';
import { answer, reset, ScriptedServer, stream, streamAndCut, streamAndEnd } from './support/scripted-server.js';

describe('resuming', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  const cursors = () => server.requests.map(({ headers }) => headers['last-event-id']);

  it('goes on after a reset, with the id of the last finished block', async () => {
    server.script(stream('id: 1\ndata: a\n\n', 'id: 2\ndata: cut o'), stream('id: 2\ndata: b\n\n'));
    const messages = receiver.subscribe(server.url, { retry: AT_ONCE })[Symbol.asyncIterator]();
    expect((await messages.next()).value?.data).toBe('a');
    server.responses[0]?.socket?.resetAndDestroy();
    expect((await messages.next()).value?.data).toBe('b');
    expect(cursors()).toEqual([undefined, '1']);
  });

  it('goes on after a clean end, and drops an event that was cut off by it', async () => {
    server.script(streamAndEnd('id: 1\ndata: a\n\ndata: lost\n'), stream('data: b\n\n'));
    const messages = await take(receiver.subscribe(server.url, { retry: AT_ONCE }), 2);
    expect(messages).toMatchObject([{ data: 'a' }, { data: 'b', lastEventId: '1' }]);
    expect(cursors()).toEqual([undefined, '1']);
  });

  it('takes what the server committed by a bare id', async () => {
    server.script(streamAndEnd('id: 1\ndata: a\n\nid: 7\n\n'), stream('data: b\n\n'));
    const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
    await take(subscription, 2);
    expect(cursors()).toEqual([undefined, '7']);
    expect(subscription.lastEventId).toBe('7');
  });

  it('begins with the cursor that it was given', async () => {
    server.script(stream('data: a\n\n'));
    const subscription = receiver.subscribe(server.url, { lastEventId: '41' });
    expect(subscription.lastEventId).toBe('41');
    expect(await take(subscription, 1)).toMatchObject([{ lastEventId: '41' }]);
    expect(cursors()).toEqual(['41']);
  });

  it('sends no header after the server has cleared the id', async () => {
    server.script(streamAndEnd('id\ndata: a\n\n'), stream('data: b\n\n'));
    await take(receiver.subscribe(server.url, { lastEventId: '41', retry: AT_ONCE }), 2);
    expect(cursors()).toEqual(['41', undefined]);
  });

  it('sends ids as UTF-8 bytes', async () => {
    server.script(streamAndEnd('id: grün-✓\ndata: a\n\n'), stream('data: b\n\n'));
    await take(receiver.subscribe(server.url, { retry: AT_ONCE }), 2);
    expect(Buffer.from(cursors()[1] as string, 'latin1').toString('utf8')).toBe('grün-✓');
  });

  it('keeps an id that no header can carry, without sending it', async () => {
    server.script(streamAndEnd('id: \u0001\ndata: a\n\n'), stream('data: b\n\n'));
    const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
    const messages = await take(subscription, 2);
    expect(cursors()).toEqual([undefined, undefined]);
    expect(messages[1]?.lastEventId).toBe('\u0001');
    expect(subscription.lastEventId).toBe('\u0001');
  });

  it('takes "0" for an id, and ignores one with NUL', async () => {
    server.script(streamAndEnd('id: 0\ndata: a\n\nid: 1\u0000\ndata: b\n\n'), stream('data: c\n\n'));
    await take(receiver.subscribe(server.url, { retry: AT_ONCE }), 3);
    expect(cursors()).toEqual([undefined, '0']);
  });

  it('comes back after the connection was refused at first, and after a kill of the server', async () => {
    const { port, url } = server;
    await server.close();
    const subscription = receiver.subscribe(url, { retry: { baseMs: 0 } });
    const messages = take(subscription, 2);
    const { outcome } = await entered(subscription, 'waiting');
    expect(outcome).toMatchObject({ kind: 'network', willRetry: true, attempt: 1 });
    server = await ScriptedServer.start(streamAndCut('id: 1\ndata: a\n\n'), reset, answer(503), stream('data: b\n\n'));
    await server.moveTo(port);
    expect(data(await messages)).toEqual(['a', 'b']);
    expect(cursors()).toEqual([undefined, '1', '1', '1']);
  });
});
