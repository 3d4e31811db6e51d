import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, NotFoundException, Param } from '@nestjs/common';
import { Pusher, SseInvalidMessageError, type SseMessage, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

const circular: { self?: unknown } = {};
circular.self = circular;

/** What cannot be sent, by a name that fits into a path, with the field at fault. */
const BAD: Record<string, { readonly message: unknown; readonly field: SseInvalidMessageError['field'] }> = {
  'LF in id': { message: { id: '1\n2', data: 'x' }, field: 'id' },
  'CR in id': { message: { id: '1\r2', data: 'x' }, field: 'id' },
  'NUL in id': { message: { id: '1\x002', data: 'x' }, field: 'id' },
  'number as id': { message: { id: 5, data: 'x' }, field: 'id' },
  'LF in event': { message: { event: 'a\ndata: forged', data: 'x' }, field: 'event' },
  'CR in event': { message: { event: 'a\rb', data: 'x' }, field: 'event' },
  'negative retry': { message: { retry: -1 }, field: 'retry' },
  'fractional retry': { message: { retry: 1.5 }, field: 'retry' },
  'huge retry': { message: { retry: 2 ** 31 }, field: 'retry' },
  'NaN retry': { message: { retry: Number.NaN }, field: 'retry' },
  'retry as text': { message: { retry: '5' }, field: 'retry' },
  'circular data': { message: { data: circular }, field: 'data' },
  'BigInt data': { message: { data: 1n }, field: 'data' },
  'BigInt in data': { message: { data: { n: 1n } }, field: 'data' },
  'undefined data': { message: { data: undefined }, field: 'data' },
  'function as data': { message: { data: () => {} }, field: 'data' },
  'data whose toJSON throws': {
    message: {
      data: {
        toJSON() {
          throw new Error('no');
        },
      },
    },
    field: 'data',
  },
  'lone surrogate': { message: { data: '\ud800' }, field: 'data' },
  'number as comment': { message: { comment: 5 }, field: 'comment' },
  'no message': { message: { foo: 1 }, field: 'message' },
  'empty object': { message: {}, field: 'message' },
  'a number': { message: 5, field: 'message' },
  nothing: { message: null, field: 'message' },
  'an array': { message: [{ data: 'x' }], field: 'message' },
};

const rejections: unknown[] = [];

@Controller()
class BadController {
  @SseStream('pushed/:name')
  async pushed(@Param('name') name: string, @Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push('before');
    await pusher.push(BAD[name]!.message as SseMessage).catch((error) => rejections.push(error));
    rejections.push(pusher.state);
    await pusher.push('after');
    await pusher.close();
  }

  @SseStream('first')
  async first(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push({ id: 'a\nb' }).catch((error) => rejections.push(error, pusher.state));
    throw new NotFoundException();
  }
}

describe.each(PLATFORMS)('messages that cannot be sent on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [BadController], sse: { retryMs: false } });
  });

  afterAll(() => server.close());

  it.each(Object.keys(BAD))('rejects %s by naming the field, writes nothing and lives on', async (name) => {
    rejections.length = 0;
    const { text } = await readRaw(server.port, `/pushed/${encodeURIComponent(name)}`);
    const [error, state] = rejections as [SseInvalidMessageError, string];

    expect(error).toBeInstanceOf(SseInvalidMessageError);
    expect(error).toMatchObject({ code: 'SSE_INVALID_MESSAGE', field: BAD[name]!.field });
    expect(state).toBe('open');
    expect(text).toBe('data: before\n\ndata: after\n\n');
  });

  it('does not open a stream for them', async () => {
    rejections.length = 0;
    const { status } = await readRaw(server.port, '/first');

    expect(rejections).toEqual([expect.any(SseInvalidMessageError), 'pending']);
    expect(status).toBe(404);
  });
});
