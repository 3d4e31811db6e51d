import { afterEach, describe, expect, it } from '@jest/globals';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Http2Client } from '../pusher/support/http2-client.js';
import { type SelfSigned, selfSigned } from '../pusher/support/self-signed.js';
import { ShakyStore } from './support/shaky-store.js';
import { startTicketApp, type TicketApp } from './support/ticket-app.js';

const VARIANTS: [string, () => SelfSigned | undefined][] = [
  ['h2c', () => undefined],
  ['h2 over TLS', selfSigned],
];

describe.each(VARIANTS)('a ticket on Fastify %s', (_, makeTls) => {
  const store = new ShakyStore();
  let app: TicketApp;
  let client: Http2Client;

  afterEach(async () => {
    client.leave();
    await app.close();
  });

  it('lets a page in once, its reconnects by the cookie, and turns them away while the store is away', async () => {
    const tls = makeTls();
    const adapter = new FastifyAdapter({ http2: true, ...(tls && { https: tls }) } as never);
    app = await startTicketApp(adapter, { sse: { tickets: { store }, retryMs: 1000 } });
    client = await Http2Client.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${app.port}`, tls?.cert);
    const url = await app.urlFor();
    const first = await client.open(url);
    await first.untilText('hello 7');
    const [cookie] = first.headers['set-cookie']![0]!.split(';');
    expect((await client.open(url)).headers[':status']).toBe(401);
    const back = await client.open(url, { cookie: `a=1; ${cookie}` });
    await back.untilText('hello 7');
    expect(back.headers).not.toHaveProperty('set-cookie');
    store.isAway = true;
    const away = await client.open(url, { cookie: cookie! });
    expect(await away.untilEnd()).toMatch(/^retry: \d+\n\n$/);
    expect(away.headers[':status']).toBe(200);
    store.isAway = false;
    await (await client.open(url, { cookie: cookie! })).untilText('hello 7');
  });
});
