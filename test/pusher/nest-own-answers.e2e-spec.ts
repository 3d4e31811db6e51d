import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger, Param, Res } from '@nestjs/common';
import { Pusher, SsePusher, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

const LARGE_BYTES = 16 * 1024 * 1024;

/** What the responses of Express and Fastify have in common. */
interface Answering {
  status(code: number): Answering;
  header(name: string, value: string): Answering;
  send(body?: unknown): unknown;
}

@Controller()
class AnsweringController {
  @SseStream('sync/:code')
  sync(@Param('code') code: string, @Res() response: Answering): void {
    response.status(Number(code)).header('X-Answered', 'by the handler').send();
  }

  @SseStream('async/:code')
  async async(@Param('code') code: string, @Res() response: Answering): Promise<void> {
    response.status(Number(code)).header('X-Answered', 'by the handler').send();
  }

  @SseStream('pusher/:code')
  async pusher(@Param('code') code: string, @Res() response: Answering, @Pusher() pusher: SsePusher): Promise<void> {
    response.status(Number(code)).header('X-Answered', 'by the handler').send();
    await pusher.push('never sent');
  }

  /** More than a socket takes at once, so that the handler is done before its answer is. */
  @SseStream('large')
  large(@Res() response: Answering): void {
    response.status(200).header('Content-Type', 'text/plain').send('x'.repeat(LARGE_BYTES));
  }

  @SseStream('large-with-pusher')
  largeWithPusher(@Res() response: Answering, @Pusher() _pusher: SsePusher): void {
    response.status(200).header('Content-Type', 'text/plain').send('x'.repeat(LARGE_BYTES));
  }
}

describe.each(PLATFORMS)('handlers that answer by themselves on %s', (platform) => {
  let server: TestApp;
  let log: jest.SpiedFunction<Logger['error']>;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [AnsweringController] });
  });

  beforeEach(() => {
    log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    log.mockRestore();
  });

  afterAll(() => server.close());

  describe.each(['sync', 'async', 'pusher'])('%s', (path) => {
    it.each([204, 304, 409])('have answered with %d, and nobody adds to it', async (code) => {
      const { status, headers, text } = await readRaw(server.port, `/${path}/${code}`);

      expect(status).toBe(code);
      expect(headers['x-answered']).toBe('by the handler');
      expect(headers['content-type']).not.toBe('text/event-stream; charset=utf-8');
      expect(text).toBe('');
      expect(log).not.toHaveBeenCalled();
      expect(server.app.get(SseStreamRegistry).count).toBe(0);
    });
  });

  it.each(['/large', '/large-with-pusher'])('get all of %s through', async (path) => {
    const { status, headers, text } = await readRaw(server.port, path);

    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toHaveLength(LARGE_BYTES);
    expect(log).not.toHaveBeenCalled();
  });
});
