import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { EventSource } from 'eventsource';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { startChannelApp } from './support/channel-app.js';

describe.each(PLATFORMS)("other people's clients on %s", (platform) => {
  it('eventsource resumes after a cut without missing anything, and stops when its channel has ended', async () => {
    const app = await startChannelApp(platform, { sse: { retryMs: 20 } });
    const seen: string[] = [];
    const source = new EventSource(`http://127.0.0.1:${app.port}/stream?of=a`);
    source.addEventListener('n', ({ data }) => seen.push(data));
    await once(source as never, 'open');
    await eventually(() => app.channels.has('a'));
    for (let n = 1; n <= 3; n++) {
      await app.channels.publish('a', { event: 'n', data: n });
      await eventually(() => seen.length === n);
    }
    app.app.getHttpServer().closeAllConnections();
    for (let n = 4; n <= 6; n++) await app.channels.publish('a', { event: 'n', data: n });
    await eventually(() => seen.length >= 6);
    await app.channels.publish('a', { event: 'n', data: 7 });
    await app.channels.close('a', { final: { event: 'n', data: 8 } });
    await eventually(() => source.readyState === source.CLOSED);
    expect(seen).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    await app.close();
  });

  it('curl follows a channel, and comes back with an id', async () => {
    const app = await startChannelApp(platform);
    const ids = [await app.channels.publish('a', '1'), await app.channels.publish('a', '2')];
    const curl = spawn('curl', ['-sN', '-H', `Last-Event-ID: ${ids[0]}`, `http://127.0.0.1:${app.port}/stream?of=a`]);
    let output = '';
    curl.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    await eventually(() => output.includes('data: 2\n\n'));
    await app.channels.close('a', { final: 'bye' });
    await once(curl, 'close');
    expect(output).toMatch(new RegExp(`^id: ${ids[0]}\n\nid: ${ids[1]}\ndata: 2\n\nid: \\S+\ndata: bye\n\n$`));
    await app.close();
  });
});
