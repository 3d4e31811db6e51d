import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SseConnectionState, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, entered, failureOf, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, silence } from './support/scripted-server.js';

describe('secrets', () => {
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

  it('are shown to nobody who logs what there is', async () => {
    server.script(answer(503, { 'set-cookie': 's3cret-cookie' }), answer(404, { 'set-cookie': 's3cret-cookie' }));
    const url = `${server.url.replace('://', '://user:s3cret-password@')}?token=s3cret-query`;
    const options = {
      headers: { authorization: 's3cret-header' },
      body: 's3cret-body',
      method: 'POST',
      retry: AT_ONCE,
    };
    const subscription = receiver.subscribe(url, options);
    const errors: unknown[] = [];
    const states: SseConnectionState[] = [];
    subscription.state$.subscribe((state) => states.push(state));
    subscription.state$.subscribe((state) => state.phase === 'waiting' && errors.push(state.outcome.error));
    errors.push(await failureOf(takeAll(subscription)));
    expect(errors).toHaveLength(2);
    const logged = [subscription, receiver, ...errors].map((value) => inspect(value, { depth: 10, showHidden: false }));
    expect([...logged, JSON.stringify([subscription, errors, states])].join('\n')).not.toContain('s3cret');
  });

  it('are in no stack, message or cause of an error', async () => {
    server.script(answer(500));
    const url = server.url.replace('http://', 'http://jane:pass-s3cret@').concat('?token=query-s3cret');
    const headers = { authorization: 'header-s3cret' };
    const retry = { maxAttempts: 1 };
    const refused = await failureOf(takeAll(receiver.subscribe(url, { headers, retry })));
    server.script(silence);
    const { port } = server;
    await server.close();
    const unreachable = await failureOf(
      takeAll(receiver.subscribe(`http://u:s3cret@127.0.0.1:${port}/?s3cret`, { retry })),
    );
    for (const failure of [refused, unreachable]) {
      expect(`${failure.stack} ${JSON.stringify(failure)} ${failure.cause?.stack}`).not.toContain('s3cret');
    }
  });

  it.each(['set-cookie', 'location', 'content-location', 'refresh', 'link'])(
    'are not shown where they come in the header %s, which can be read all the same',
    async (name) => {
      server.script(answer(403, { [name]: 'https://example.com/?token=s3cret' }));
      const subscription = receiver.subscribe(server.url);
      const failure = await failureOf(takeAll(subscription));
      const { outcome } = await entered(subscription, 'closed');
      expect(inspect([failure, outcome], { depth: 10 })).not.toContain('s3cret');
      expect(String(outcome?.headers?.[name])).toContain('s3cret');
    },
  );

  it.each([
    ['a refusal', answer(403, { 'set-cookie': 'sid=SECRET' })],
    ['a redirect that is refused', answer(302, { location: 'ftp://user:SECRET@example.com/?code=SECRET' })],
    ['a redirect in a circle', answer(302, { location: '?token=SECRET' })],
    ['a wrong content type', answer(200, { 'content-type': 'text/html' })],
  ])('are in no error and no state after %s', async (_what, act) => {
    server.script(act);
    const url = server.url.replace('//', '//user:SECRET@');
    const subscription = receiver.subscribe(`${url}?token=SECRET`, {
      headers: { 'x-token': 'SECRET' },
      retry: { maxAttempts: 1 },
    });
    const failure = await failureOf(takeAll(subscription));
    const state = await entered(subscription, 'closed');
    for (const shown of [
      inspect(failure, { depth: 20 }),
      inspect(state, { depth: 20 }),
      JSON.stringify([failure, state]),
      inspect(subscription),
    ]) {
      expect(shown).not.toContain('SECRET');
    }
  });
});
