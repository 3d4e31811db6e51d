import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { encodeMessage } from './encode-message.js';
import { SseOptionsError } from './options.error.js';
import { readMessages } from './read-messages.js';

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function collected(messages: AsyncIterable<{ data: string }>, into: string[] = []): Promise<string[]> {
  for await (const { data } of messages) into.push(data);
  return into;
}

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('readMessages', () => {
  it.each([
    ['an async generator', () => chunks('data: a\n\nda', 'ta: b\n\n')],
    ['a Node stream', () => Readable.from([Buffer.from('data: a\n\n'), Buffer.from('data: b\n\n')])],
    ['a web stream', () => Readable.toWeb(Readable.from([Buffer.from('data: a\n\ndata: b\n\n')]))],
  ])('reads %s', async (_what, source) => {
    expect(await collected(readMessages(source()))).toEqual(['a', 'b']);
  });

  it('gives the whole message', async () => {
    const { value } = await readMessages(chunks('id: 1\nevent: e\ndata: 5\n\n'), { lastEventId: '0' }).next();
    expect(value).toMatchObject({ id: '1', event: 'e', data: '5', lastEventId: '1' });
    expect(value?.json()).toBe(5);
  });

  it('tells comments, reconnection times and ids', async () => {
    const told: unknown[] = [];
    const tell = (value: unknown) => told.push(value);
    await collected(readMessages(chunks(': c\nretry: 5\nid: 7\n\n'), { onComment: tell, onRetry: tell, onId: tell }));
    expect(told).toEqual(['c', 5, '7']);
  });

  it('reads the body of fetch', async () => {
    const server = createServer((_request, response) => {
      response.write(encodeMessage({ data: 'a' }));
      response.end(encodeMessage('ü'));
    });
    try {
      const response = await fetch(await listening(server));
      expect(await collected(readMessages(response.body as ReadableStream<Uint8Array>))).toEqual(['a', 'ü']);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('drops an unfinished message, or fails if asked to', async () => {
    expect(await collected(readMessages(chunks('data: a\n\ndata: b\n')))).toEqual(['a']);
    const got: string[] = [];
    const reading = collected(readMessages(chunks('data: a\n\ndata: b\n'), { cutOff: 'fail' }), got);
    await expect(reading).rejects.toMatchObject({ code: 'SSE_DECODE', reason: 'cut-off' });
    expect(got).toEqual(['a']);
    expect(await collected(readMessages(chunks('data: a\n\n'), { cutOff: 'fail' }))).toEqual(['a']);
  });

  it('refuses options that it cannot use, before it touches the source', () => {
    const source = new ReadableStream<Uint8Array>();
    expect(() => readMessages(source, { cutOff: 'maybe' as never })).toThrow(SseOptionsError);
    expect(() => readMessages(source, { maxMessageBytes: 0 })).toThrow(SseOptionsError);
    expect(source.locked).toBe(false);
  });

  it('hands out what came before a message that is too large', async () => {
    const got: string[] = [];
    const source = new PassThrough();
    source.write(`data: a\n\ndata: ${'x'.repeat(100)}\n\n`);
    await expect(collected(readMessages(source, { maxMessageBytes: 50 }), got)).rejects.toMatchObject({
      reason: 'too-large',
    });
    expect(got).toEqual(['a']);
    expect(source.destroyed).toBe(true);
  });

  it('throws what a handler throws', async () => {
    const failure = new Error('handler');
    const onComment = () => {
      throw failure;
    };
    await expect(collected(readMessages(chunks(': c\n'), { onComment }))).rejects.toBe(failure);
  });

  it('throws what the source throws', async () => {
    const source = new PassThrough();
    source.write('data: a\n\n');
    const got: string[] = [];
    const reading = collected(readMessages(source), got);
    const failure = new Error('reset');
    setImmediate(() => source.destroy(failure));
    await expect(reading).rejects.toBe(failure);
    expect(got).toEqual(['a']);
  });

  it('refuses a source of text', async () => {
    await expect(collected(readMessages(Readable.from(['data: a\n\n']) as never))).rejects.toMatchObject({
      reason: 'not-bytes',
    });
  });

  it('takes from the source only what is asked for', async () => {
    let given = 0;
    async function* source() {
      for (;;) {
        given++;
        yield Buffer.from('data: x\n\n');
      }
    }
    const messages = readMessages(source());
    await messages.next();
    await messages.next();
    expect(given).toBe(2);
    await messages.return();
  });

  describe('when the consumer stops', () => {
    it('lets an async generator run its finally', async () => {
      let finished = false;
      async function* source() {
        try {
          for (;;) yield Buffer.from('data: x\n\n');
        } finally {
          finished = true;
        }
      }
      for await (const _message of readMessages(source())) break;
      expect(finished).toBe(true);
    });

    it('destroys a Node stream', async () => {
      const source = new PassThrough();
      source.write('data: x\n\n');
      for await (const _message of readMessages(source)) break;
      expect(source.destroyed).toBe(true);
    });

    it('cancels a web stream and unlocks it', async () => {
      let cancelled = false;
      const source = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(Buffer.from('data: x\n\n')),
        cancel: () => {
          cancelled = true;
        },
      });
      for await (const _message of readMessages(source)) break;
      expect(cancelled).toBe(true);
      expect(source.locked).toBe(false);
    });

    it('takes part even before it has started', async () => {
      const source = new PassThrough();
      await readMessages(source).return();
      expect(source.destroyed).toBe(true);
    });

    it.each([
      ['a Node stream', () => new PassThrough()],
      ['a web stream', () => new ReadableStream<Uint8Array>()],
    ])('while it waits for %s that is silent', async (_what, open) => {
      const messages = readMessages(open());
      const next = messages.next();
      await new Promise(setImmediate);
      expect(await messages.return()).toEqual({ done: true, value: undefined });
      expect(await next).toEqual({ done: true, value: undefined });
    });

    it('does not mind a source that fails to stop', async () => {
      const source = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(Buffer.from('data: x\n\n')),
        cancel: () => {
          throw new Error('cancel');
        },
      });
      for await (const _message of readMessages(source)) break;
      expect(source.locked).toBe(false);
    });
  });

  it('unlocks a web stream that has ended', async () => {
    const source = Readable.toWeb(Readable.from([Buffer.from('data: a\n\n')]));
    await collected(readMessages(source));
    expect(source.locked).toBe(false);
  });
});
