import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  createServer as createHttp2Server,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { SseInvalidMessageError } from './invalid-message.error.js';
import { writeMessage } from './write-message.js';

const EVENTS = ['drain', 'close', 'error', 'finish'];

function listeners(emitter: EventEmitter): number[] {
  return EVENTS.map((event) => emitter.listenerCount(event));
}

/** A writable that holds each write until it is let go. */
function stalled() {
  const held: (() => void)[] = [];
  const writable = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => held.push(done) });
  return { writable, letGo: () => held.shift()?.() };
}

async function serving<T>(
  run: (next: () => Promise<[IncomingMessage, ServerResponse]>, port: number) => Promise<T>,
): Promise<T> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    return await run(
      () => once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>,
      (server.address() as AddressInfo).port,
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('writeMessage', () => {
  it('writes one frame and is done at once while there is room', async () => {
    const writable = new PassThrough();
    const before = listeners(writable);
    await writeMessage(writable, { event: 'e', data: { a: 1 } });
    await writeMessage(writable, 'text');
    expect(writable.read().toString()).toBe('event: e\ndata: {"a":1}\n\ndata: text\n\n');
    expect(listeners(writable)).toEqual(before);
  });

  it('waits until a full writable has room again, and leaves no listener', async () => {
    const { writable, letGo } = stalled();
    const before = listeners(writable);
    let written = false;
    const writing = writeMessage(writable, 'x').then(() => (written = true));
    await new Promise(setImmediate);
    expect(written).toBe(false);
    letGo();
    await writing;
    expect(listeners(writable)).toEqual(before);
  });

  it('refuses what cannot be sent before it writes anything', async () => {
    const writable = new PassThrough();
    await expect(writeMessage(writable, { id: 'a\nb', data: 'x' })).rejects.toBeInstanceOf(SseInvalidMessageError);
    expect(writable.read()).toBeNull();
  });

  it.each<[string, (writable: Writable) => void]>([
    ['has been ended', (writable) => writable.end()],
    ['has been destroyed', (writable) => writable.destroy()],
    ['says that it is not writable', (writable) => Object.defineProperty(writable, 'writable', { value: false })],
  ])('rejects when the writable %s', async (_what, close) => {
    const writable = new PassThrough();
    close(writable);
    await expect(writeMessage(writable, 'x')).rejects.toMatchObject({ code: 'SSE_WRITE' });
  });

  it('rejects when the writable is destroyed while it is full', async () => {
    const { writable } = stalled();
    const before = listeners(writable);
    const writing = writeMessage(writable, 'x');
    writable.destroy();
    await expect(writing).rejects.toMatchObject({ code: 'SSE_WRITE' });
    expect(listeners(writable)).toEqual(before);
  });

  it('rejects with the failure as the cause when the writable fails while it is full', async () => {
    const { writable } = stalled();
    const failure = new Error('disk');
    writable.on('error', () => {});
    const writing = writeMessage(writable, 'x');
    writable.destroy(failure);
    await expect(writing).rejects.toMatchObject({ code: 'SSE_WRITE', cause: failure });
  });

  it('is done when the writable is ended by another while it is full, and still takes the message', async () => {
    const { writable, letGo } = stalled();
    const writing = writeMessage(writable, 'x');
    writable.end();
    letGo();
    await writing;
  });

  it('works with a bare emitter that only knows write() and drain', async () => {
    const writable = Object.assign(new EventEmitter(), { write: () => false }) as unknown as NodeJS.WritableStream;
    const writing = writeMessage(writable, 'x');
    writable.emit('drain');
    await writing;
    expect(listeners(writable as EventEmitter)).toEqual([0, 0, 0, 0]);
  });

  it('rejects when write() itself closes the writable', async () => {
    const writable = Object.assign(new EventEmitter(), {
      destroyed: false,
      write() {
        this.destroyed = true;
        return false;
      },
    });
    await expect(writeMessage(writable as unknown as NodeJS.WritableStream, 'x')).rejects.toMatchObject({
      code: 'SSE_WRITE',
    });
  });

  it('rejects when write() throws', async () => {
    const failure = new Error('write');
    const writable = Object.assign(new EventEmitter(), {
      write() {
        throw failure;
      },
    });
    await expect(writeMessage(writable as unknown as NodeJS.WritableStream, 'x')).rejects.toMatchObject({
      code: 'SSE_WRITE',
      cause: failure,
    });
    expect(listeners(writable)).toEqual([0, 0, 0, 0]);
  });

  describe('to an HTTP response', () => {
    it('waits for a client that does not read, and rejects when it leaves', async () => {
      await serving(async (next, port) => {
        const client = connect(port, '127.0.0.1').pause();
        client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
        const [, response] = await next();
        const before = listeners(response);
        const writing = (async () => {
          for (;;) await writeMessage(response, 'x'.repeat(1_000_000));
        })();
        writing.catch(() => {});
        await new Promise(setImmediate);
        client.destroy();
        await expect(writing).rejects.toMatchObject({ code: 'SSE_WRITE' });
        expect(listeners(response)).toEqual(before);
        await expect(writeMessage(response, 'x')).rejects.toMatchObject({ code: 'SSE_WRITE' });
      });
    });

    it('rejects when the connection closes under a response that waits behind another', async () => {
      await serving(async (next, port) => {
        const client = connect(port, '127.0.0.1');
        client.write('GET /1 HTTP/1.1\r\nhost: x\r\n\r\n');
        await next();
        client.write('GET /2 HTTP/1.1\r\nhost: x\r\n\r\n');
        const [request, second] = await next();
        const { socket } = request;
        const before = socket.listenerCount('close');
        const writing = writeMessage(second, 'x'.repeat(1_000_000));
        writing.catch(() => {});
        client.destroy();
        await expect(writing).rejects.toMatchObject({ code: 'SSE_WRITE' });
        expect(socket.listenerCount('close')).toBeLessThanOrEqual(before);
      });
    });

    it.each([
      ['with an error', (stream: ClientHttp2Stream) => stream.close(constants.NGHTTP2_CANCEL)],
      ['without an error', (stream: ClientHttp2Stream) => stream.destroy()],
    ])('of HTTP/2: waits, and rejects when the stream is reset %s', async (_how, reset) => {
      const server = createHttp2Server();
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const session = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      try {
        const requested = once(server, 'request');
        const stream: ClientHttp2Stream = session.request({ ':path': '/' }).pause();
        stream.on('error', () => {});
        const response = (await requested)[1] as Http2ServerResponse;
        const writing = (async () => {
          for (;;) await writeMessage(response, 'x'.repeat(1_000_000));
        })();
        writing.catch(() => {});
        await new Promise(setImmediate);
        reset(stream);
        await expect(writing).rejects.toMatchObject({ code: 'SSE_WRITE' });
        await expect(writeMessage(response, 'x')).rejects.toMatchObject({ code: 'SSE_WRITE' });
      } finally {
        session.destroy();
        server.close();
      }
    });
  });
});
