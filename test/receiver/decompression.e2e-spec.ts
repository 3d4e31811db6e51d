import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliCompress, createDeflate, createDeflateRaw, createGzip, type Zlib } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ACCEPT_ENCODING, DecompressingTransport } from '../../lib/receiver/decompressing-transport.js';
import type { Exchange } from '../../lib/receiver/transport.js';
import { UndiciTransport } from '../../lib/receiver/undici-transport.js';
import { CompiledLib } from './support/compiled-lib.js';
import { ExchangeRecorder, manyTurns } from './support/exchange-recorder.js';
import { ScriptedServer } from './support/scripted-server.js';

const MIB = 1024 * 1024;

/** Sends what is written to it, in a content coding. */
class CompressedResponse {
  private readonly compressor: Transform & Zlib;

  constructor(
    readonly response: ServerResponse,
    coding: string,
  ) {
    this.compressor = createCompressor(coding);
    this.compressor.on('data', (chunk: Buffer) => response.write(chunk));
  }

  /** Resolves when it is on its way. */
  async write(data: string | Buffer): Promise<void> {
    this.compressor.write(data);
    await new Promise<void>((resolve) => this.compressor.flush(resolve));
  }

  async end(): Promise<void> {
    await once(this.compressor.end(), 'end');
    this.response.end();
  }
}

function createCompressor(coding: string): Transform & Zlib {
  if (coding === 'br') return createBrotliCompress();
  if (coding === 'gzip') return createGzip();
  return coding === 'deflate' ? createDeflate() : createDeflateRaw();
}

describe('decompression', () => {
  let server: ScriptedServer;
  let told: ExchangeRecorder;
  let exchange: Exchange;

  beforeEach(async () => {
    server = await ScriptedServer.start(() => {});
    told = new ExchangeRecorder();
  });

  afterEach(async () => {
    await exchange?.abort();
    await server.close();
  });

  /** Makes the request, and answers it in that coding. */
  async function respond(coding: string): Promise<CompressedResponse> {
    exchange = new DecompressingTransport(new UndiciTransport()).send(
      { url: new URL(server.url), method: 'GET', headers: ['accept-encoding', ACCEPT_ENCODING] },
      told,
    );
    const response = await server.response(1);
    const header = coding === 'raw deflate' ? 'deflate' : coding;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': header }).flushHeaders();
    return new CompressedResponse(response, coding);
  }

  const ended = () => told.until(({ outcome }) => outcome !== undefined);

  it.each(['gzip', 'deflate', 'raw deflate', 'br'])(
    'hands out each event that was flushed in %s at once',
    async (coding) => {
      const compressed = await respond(coding);
      for (let event = 0; event < 20; event++) {
        const text = `data: ${event}\n\n`;
        await compressed.write(text);
        await told.until((recorder) => recorder.text.endsWith(text));
      }
      await compressed.end();
      await ended();
      expect(told.text).toBe(Array.from({ length: 20 }, (_, event) => `data: ${event}\n\n`).join(''));
      expect(told.outcome).toBe('end');
      expect(server.requests[0]?.headers['accept-encoding']).toBe('gzip, deflate, br');
    },
  );

  it.each([
    ['newlines', 'gzip', '\n'],
    ['zeros', 'gzip', '\0'],
    ['newlines', 'br', '\n'],
    ['zeros', 'deflate', '\0'],
  ])('fails with a bomb of 200 MB of %s in %s', async (_what, coding, filling) => {
    told = new ExchangeRecorder(false);
    const { response } = await respond(coding);
    const { socket } = response;
    const megabyte = Buffer.alloc(1_000_000, filling);
    pipeline(Readable.from(Array(200).fill(megabyte)), createCompressor(coding), response, () => {});
    await ended();
    expect(told.outcome).toMatchObject({ code: 'SSE_DECOMPRESS', reason: 'too-compressed' });
    expect(told.bytes).toBeLessThanOrEqual(16 * MIB + 250 * (socket?.bytesWritten ?? 0));
    expect(told.bytes).toBeLessThan(100 * MIB);
    expect(told.largestChunk).toBeLessThanOrEqual(64 * 1024);
    await server.deserted();
  });

  it('holds the server up while it is paused', async () => {
    const compressed = await respond('gzip');
    const { response } = compressed;
    told.onChunk = () => exchange.pause();
    const noise = randomBytes(64 * 1024);
    let written = 0;
    while (written < 64 * MIB && !(response.writableNeedDrain && (await staysFull(response)))) {
      await compressed.write(noise);
      written += noise.length;
    }
    expect(written).toBeLessThan(64 * MIB);
    expect(told.chunks).toBe(1);
    told.onChunk = () => {};
    exchange.resume();
    await compressed.end();
    await ended();
    expect(told).toMatchObject({ bytes: written, outcome: 'end' });
  });

  it('fails with corrupt bytes, after what came before them', async () => {
    const compressed = await respond('gzip');
    await compressed.write('data: a\n\n');
    await told.until(({ text }) => text === 'data: a\n\n');
    compressed.response.write(Buffer.alloc(100, 'x'));
    await ended();
    expect(told.outcome).toMatchObject({ reason: 'corrupt', cause: { code: 'Z_DATA_ERROR' } });
    await server.deserted();
  });

  it('passes on that the connection was cut', async () => {
    const compressed = await respond('gzip');
    await compressed.write('data: a\n\n');
    compressed.response.write('', () => compressed.response.socket?.destroy());
    await ended();
    expect(told).toMatchObject({ text: 'data: a\n\n', outcome: { code: 'UND_ERR_SOCKET' } });
  });

  it.each(['gzip', 'deflate', 'br'])(
    'fails when the response ends in good order, but not its %s data',
    async (coding) => {
      const compressed = await respond(coding);
      await compressed.write('data: a\n\n');
      compressed.response.end();
      await ended();
      expect(told.text).toBe('data: a\n\n');
      expect(told.outcome).toMatchObject({ message: `The response ended in the middle of its ${coding} data` });
    },
  );

  it('is over, and tells nothing more, once aborted in the middle', async () => {
    const compressed = await respond('gzip');
    let aborted: Promise<void> | undefined;
    told.onChunk = () => {
      aborted = exchange.abort();
    };
    await compressed.write(randomBytes(MIB));
    await told.until(({ chunks }) => chunks > 0);
    await aborted;
    await server.deserted();
    await manyTurns();
    expect(told).toMatchObject({ chunks: 1, outcome: undefined });
  });

  describe('in a process of its own', () => {
    let lib: CompiledLib;
    let child: ChildProcess | undefined;

    beforeAll(async () => {
      lib = await CompiledLib.build();
    });

    afterEach(() => {
      child?.kill('SIGKILL');
    });

    afterAll(async () => {
      await lib.remove();
    });

    it.each([
      ['aborted', 'exchange.abort()'],
      ['paused and then aborted', 'exchange.pause(); setImmediate(() => exchange.abort())'],
    ])('lets the process exit once %s', async (name, onData) => {
      server.script((response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
        void new CompressedResponse(response, 'gzip').write(randomBytes(MIB));
      });
      const program = await lib.program(
        name.replaceAll(' ', '-'),
        `import { DecompressingTransport } from './receiver/decompressing-transport.js';
        import { UndiciTransport } from './receiver/undici-transport.js';
        const tell = (what) => () => console.log(what);
        const exchange = new DecompressingTransport(new UndiciTransport()).send(
          { url: new URL(url), method: 'GET', headers: [] },
          {
            onSent() {},
            onResponse: tell('response'),
            onData() { console.log('data'); ${onData}; },
            onEnd: tell('end'),
            onError: tell('error'),
          },
        );`,
      );
      child = spawn(process.execPath, [program, server.url], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
      const [code] = await once(child, 'close');
      expect({ code, output }).toEqual({ code: 0, output: 'response\ndata\n' });
    });
  });
});

async function staysFull(response: ServerResponse): Promise<boolean> {
  for (let turn = 0; turn < 500 && response.writableNeedDrain; turn++) await new Promise(setImmediate);
  return response.writableNeedDrain;
}
