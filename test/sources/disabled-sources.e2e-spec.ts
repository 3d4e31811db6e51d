import { describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnSseEvent, type SseSourceOptions, SseSources } from '../../lib/index.js';
import { failureOf } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { startSources } from './support/source-app.js';

@Injectable()
class Invoices {
  @OnSseEvent('billing')
  any() {
    throw new Error('called');
  }
}

describe('a source that is switched off', () => {
  it('is known, and never connected, whatever is asked of it', async () => {
    const server = await ScriptedServer.start(stream());
    const billing = { url: server.url, enabled: false };
    const { app, lines, close } = await startSources({ billing }, { providers: [Invoices] });
    const sources = app.get(SseSources);
    expect(sources.names()).toEqual(['billing']);
    for await (const message of sources.get('billing')) throw new Error(message.event);
    await sources.restart('billing');
    for await (const message of sources.get('billing')) throw new Error(message.event);
    expect(sources.get('billing').state).toBe('closed');
    await close();
    expect(lines.lines.all).toEqual([
      { level: 'log', text: 'Source "billing" is switched off: its option enabled is false', stack: undefined },
    ]);
    expect(server.requests).toEqual([]);
    await server.close();
  });

  it('is checked all the same', async () => {
    const billing = { url: 'ftp://example.com', enabled: 'false' } as unknown as SseSourceOptions;
    const error = await failureOf(startSources({ billing }, { providers: [Invoices] }));
    expect(error.problems).toEqual([
      { option: 'sources.billing.enabled', problem: 'must be a boolean, got "false"' },
      { option: 'sources.billing.url', problem: expect.stringContaining('http') },
    ]);
  });
});
