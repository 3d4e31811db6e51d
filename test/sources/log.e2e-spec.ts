import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage, type SseSourceOptions } from '../../lib/index.js';
import { AT_ONCE, entered } from '../receiver/support/consumers.js';
import {
  type Act,
  answer,
  reset,
  ScriptedServer,
  stream,
  streamAndCut,
  streamAndEnd,
} from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

describe('the log of a source', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp | undefined;

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', { attempts: 1 })
    async any({ event }: ReceivedMessage) {
      seen.add(event);
      if (event !== 'slow') return;
      await entered(running!.source('billing'), 'closed');
      throw new Error('too late');
    }
  }

  beforeEach(async () => {
    server = await ScriptedServer.start();
    seen = new Arrivals();
  });

  afterEach(async () => {
    await running?.close();
    running = undefined;
    await server.close();
  });

  async function play(acts: Act[], options: Partial<SseSourceOptions> = {}): Promise<SourceApp> {
    server.script(...acts);
    const billing = {
      url: `${server.url}?token=s3cret`,
      headers: { authorization: 'Bearer s3cret' },
      retry: AT_ONCE,
      ...options,
    };
    running = await startSources({ billing }, { providers: [Invoices] });
    return running;
  }

  const texts = ({ lines }: SourceApp) => lines.lines.all.map(({ level, text }) => `${level} ${text}`);

  it('tells of an outage once, and of its end', async () => {
    const app = await play([stream(frame(1, 'a')), reset, reset, stream(frame(2, 'b')), reset, stream(frame(3, 'c'))]);
    await seen.count(1);
    server.responses[0]?.destroy();
    await seen.count(2);
    server.responses[3]?.destroy();
    await seen.count(3);
    expect(texts(app)).toEqual([
      'debug Source "billing" is connected',
      expect.stringMatching(/^warn Source "billing" has no connection \(network: .*\); trying again, .* in 0\.0 s$/),
      'log Source "billing" is connected again',
      expect.stringMatching(/^warn Source "billing" has no connection \(network: /),
      'log Source "billing" is connected again',
    ]);
  });

  it('tells of an end in good order with a low voice', async () => {
    const app = await play([streamAndEnd(frame(1, 'a')), stream(frame(2, 'b'))]);
    await seen.count(2);
    expect(texts(app)).toEqual([
      'debug Source "billing" is connected',
      'debug Source "billing": the server ended the stream; connecting again in 0.0 s',
      'debug Source "billing" is connected',
    ]);
  });

  it('tells of an end by maxLifetimeMs with a low voice', async () => {
    const app = await play([stream(frame(1, 'a')), stream(frame(2, 'b'))], { maxLifetimeMs: 50 });
    await seen.count(2);
    expect(texts(app).slice(0, 3)).toEqual([
      'debug Source "billing" is connected',
      'debug Source "billing" was connected for maxLifetimeMs; connecting again in 0.0 s',
      'debug Source "billing" is connected',
    ]);
  });

  it('tells of an end by 204 with a line', async () => {
    const app = await play([answer(204)]);
    expect(await app.lines.first('log')).toBe(
      'Source "billing" has ended: the server says that there is nothing more (204)',
    );
    expect(app.lines.of('error')).toEqual([]);
  });

  it('tells of an end that is the end', async () => {
    const app = await play([streamAndEnd(frame(1, 'a'))], { retry: false });
    expect(await app.lines.first('log')).toBe(
      'Source "billing" has ended: the server has ended the stream, and the request is not sent again',
    );
    expect(seen.all).toEqual(['a']);
  });

  it('tells of a failure that came while a method was at work, which then failed, too', async () => {
    const app = await play([streamAndCut(frame(1, 'slow')), answer(404)]);
    await app.lines.lines.first(({ text }) => text.includes('for good'));
    expect(app.lines.of('error')).toEqual([
      expect.stringContaining('Invoices.any failed once with the event "slow" (id "1")'),
      expect.stringMatching(/^Source "billing" has ended, for good: GET .* 404/),
    ]);
  });

  it('tells of a final failure as an error, and handles what had come before', async () => {
    const app = await play([streamAndCut(frame(1, 'a')), answer(404, {}, 'gone')]);
    expect(await app.lines.first('error')).toMatch(/^Source "billing" has ended, for good: GET .* 404/);
    expect(seen.all).toEqual(['a']);
    expect(app.source('billing').state).toBe('closed');
  });

  it('never holds a query or a header', async () => {
    const app = await play([reset, streamAndCut(frame(1, 'a')), answer(500, {}, 'no'), answer(403)]);
    await app.lines.first('error');
    expect(texts(app)).toHaveLength(4);
    expect(JSON.stringify(app.lines.lines.all)).not.toContain('s3cret');
  });

  it('has nothing to tell about an ordinary shutdown', async () => {
    const app = await play([stream()]);
    await entered(app.source('billing'), 'open');
    await app.close();
    expect(texts(app)).toEqual(['debug Source "billing" is connected']);
  });
});
