import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { constants, createGzip } from 'node:zlib';
import type { SeededRandom } from '../../channel/support/seeded-random.js';
import { turns } from './consumers.js';

const head = (...lines: string[]) => [...lines, '', ''].join('\r\n');

/** Has messages 1 to `last`, sends them after the cursor that it is given, and breaks in every way it can. */
export class FuzzServer {
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.accept(socket));
  /** Whether some messages are much longer than others. */
  private readonly hasLongOnes: boolean;

  constructor(
    private readonly random: SeededRandom,
    private readonly last: number,
  ) {
    this.hasLongOnes = random.chance(0.5);
  }

  async start(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/stream`;
  }

  /** Resolves when no client is connected any more. */
  async deserted(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      if (!received.includes('\r\n\r\n')) return;
      const request = received;
      received = '';
      void this.answer(socket, request);
    });
  }

  private async answer(socket: Socket, request: string): Promise<void> {
    const { random } = this;
    const after = Number(/last-event-id: (\d+)/i.exec(request)?.[1] ?? 0);
    const hops = Number(/hop=(\d+)/.exec(request)?.[1] ?? 0);
    const roll = random.next();
    if (after >= this.last) socket.end(head('HTTP/1.1 204 No Content', 'connection: close'));
    else if (roll < 0.05) socket.resetAndDestroy();
    else if (roll < 0.08) socket.end(`${head('HTTP/1.1 503 Busy', 'content-length: 4', 'retry-after: 0')}busy`);
    else if (roll < 0.1) socket.end(`${head('HTTP/1.1 500 Broken', 'content-length: 40')}bro`);
    else if (roll < 0.12) socket.write(`${head('HTTP/1.1 502 Bad', 'content-length: 4000')}never ending`);
    else if (roll < 0.2 && hops < 5)
      socket.write(`${head('HTTP/1.1 307 There', `location: /stream?hop=${hops + 1}`, 'content-length: 5')}there`);
    else if (roll < 0.21) socket.end(head('HTTP/1.1 302 Circle', 'location: #x', 'content-length: 0'));
    else if (roll < 0.22) socket.end('HTTP/1.1 200');
    else await this.stream(socket, after, /accept-encoding: gzip/i.test(request) && random.chance(0.6));
  }

  private async stream(socket: Socket, after: number, isCompressed: boolean): Promise<void> {
    const { random } = this;
    const isChunked = random.chance(0.7);
    socket.write(
      head(
        'HTTP/1.1 200 OK',
        'content-type: text/event-stream',
        ...(isChunked ? ['transfer-encoding: chunked'] : []),
        ...(isCompressed ? ['content-encoding: gzip'] : []),
      ),
    );
    const until = Math.min(this.last, after + 1 + random.int(random.pick([2, 20, 400])));
    let text = this.frames(after + 1, until);
    const ending = random.pick(['end', 'eof', 'reset', 'stall', 'middle', 'middle-reset']);
    if (ending.startsWith('middle')) text += `id: ${until + 1}\ndata: ${until + 1} never finished`;
    for await (const part of isCompressed ? compressed(text, random) : [Buffer.from(text)]) {
      await this.send(socket, part, isChunked);
    }
    if (random.chance(0.5)) await turns(1);
    if (socket.destroyed) return;
    if (ending === 'end' && isChunked) socket.end('0\r\n\r\n');
    else if (ending === 'end' || ending === 'eof' || ending === 'middle') socket.end();
    else if (ending.endsWith('reset')) socket.resetAndDestroy();
  }

  private frames(from: number, until: number): string {
    const { random } = this;
    let text = '';
    for (let id = from; id <= until; id++) {
      if (random.chance(0.1)) text += ':ping\n\n';
      if (random.chance(0.05)) text += 'retry: 0\n\n';
      if (random.chance(0.05)) text += `id: ${id - 1}\n\n`;
      const eol = random.pick(['\n', '\r\n', '\r']);
      const filler = 'x'.repeat(random.int(this.hasLongOnes && random.chance(0.1) ? 100_000 : 60));
      text += `id: ${id}${eol}data: ${id} ${filler}${eol}${eol}`;
    }
    return text;
  }

  /** In pieces that mind neither messages nor lines. */
  private async send(socket: Socket, part: Buffer, isChunked: boolean): Promise<void> {
    const { random } = this;
    for (let at = 0; at < part.length && !socket.destroyed; ) {
      const size = 1 + random.int(random.pick([10, 1_000, 70_000]));
      const piece = part.subarray(at, at + size);
      at += size;
      const chunkHead = `${piece.length.toString(16)}\r\n`;
      const frame = isChunked ? Buffer.concat([Buffer.from(chunkHead), piece, Buffer.from('\r\n')]) : piece;
      if (!socket.write(frame)) await drained(socket);
      else if (random.chance(size < 10 ? 0.02 : 0.3)) await turns(1);
    }
  }
}

/** When there is room again, or nobody to write to any more. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      socket.off('drain', go).off('close', go);
      resolve();
    };
    socket.on('drain', go).on('close', go);
  });
}

/** Flushed now and then, and never ended: such a stream is cut off within its compression, too. */
async function* compressed(text: string, random: SeededRandom): AsyncGenerator<Buffer> {
  const gzip = createGzip();
  for (let at = 0; at < text.length; ) {
    const size = 1 + random.int(5_000);
    gzip.write(text.slice(at, at + size));
    at += size;
    await new Promise<void>((resolve) => gzip.flush(constants.Z_SYNC_FLUSH, () => resolve()));
    const out = gzip.read() as Buffer | null;
    if (out) yield out;
  }
  gzip.destroy();
}
