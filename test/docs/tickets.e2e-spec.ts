import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannels } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { OrdersController } from './examples/orders.controller.js';

describe.each(PLATFORMS)('the page on tickets, on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  it('has a controller whose stream a token opens, until logout', async () => {
    app = await startApp(platform, { controllers: [OrdersController] });
    const { port } = app;
    const post = (path: string, user: string) =>
      readRaw(port, path, { method: 'POST', headers: { Authorization: `Bearer token-of-${user}` } });
    expect((await post('/orders/ticket', '?')).status).toBe(403);
    const { url } = (await post('/orders/ticket', 'alice')).json;
    const stream = await openRaw(port, url);
    await app.app.get(SseChannels).publish('orders:alice', 'shipped');
    await stream.untilText('data: shipped\n\n');
    const [cookie] = stream.headers['set-cookie']![0]!.split(';');
    stream.leave();
    const again = await openRaw(port, url, { headers: { Cookie: cookie! } });
    expect(again.status).toBe(200);
    expect((await post('/orders/logout', 'alice')).status).toBe(201);
    await again.untilEnd();
    expect((await readRaw(port, url, { headers: { Cookie: cookie! } })).status).toBe(401);
  });
});
