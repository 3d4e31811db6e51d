import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { NEVER, type Observable } from 'rxjs';
import { Pusher, SsePusher, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { RawSocket } from './support/raw-socket.js';

@Controller()
class BrokenController {
  @SseStream('pushed')
  async pushed(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push('one');
  }

  @SseStream('quiet', { retryMs: false })
  quiet(): Observable<string> {
    return NEVER;
  }

  @SseStream('closed')
  async closed(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push('one');
    await pusher.close();
  }
}

/** Breaks the method of the response that the query names, as careless middleware may do. */
function breakResponse(request: any, response: any, next: () => void): void {
  const raw = response.raw ?? response;
  const [, method] = request.url.split('?');
  if (method) {
    raw[method] = () => {
      throw new Error(`from ${method}`);
    };
  }
  next();
}

describe.each(PLATFORMS)('a response that middleware has broken on %s', (platform) => {
  let server: TestApp;

  beforeEach(async () => {
    server = await startApp(platform, {
      controllers: [BrokenController],
      configure: (app) => app.use(breakResponse),
    });
  });

  afterEach(() => server.close());

  it.each(['/pushed?writeHead', '/quiet?writeHead', '/quiet?flushHeaders', '/pushed?write', '/closed?end'])(
    'is cut off, and nothing else suffers: %s',
    async (path) => {
      const client = (await RawSocket.connect(server.port)).get(path);
      await client.untilClosed();
      expect(server.app.get(SseStreamRegistry).count).toBe(0);
      const other = (await RawSocket.connect(server.port)).get('/closed');
      await other.untilText('data: one');
      other.leave();
    },
  );
});
