/**
 * The clients of replay.mjs: each comes back with a `Last-Event-ID`, keeps what it gets, and looks for the end; whether that was
 * every message, in order and to everybody, is checked afterwards.
 */
import { connect } from 'node:net';
import { END_OF_REPLAY } from './replay-messages.mjs';
import { stayAwake } from './stay-awake.mjs';

const READ_BYTES = 64 * 1024;
const DEADLINE_MS = 120_000;
const END_OF_HEAD = '\r\n\r\n';

/** All sockets read into the same place: what they get is copied out at once. */
const landing = new Uint8Array(READ_BYTES);

/**
 * Resolves when all of it is there.
 *
 * @param {{ port: number, path: string, lastEventId: string, bytes: Buffer }} options bytes: what comes goes there
 * @returns {Promise<{ socket: import('node:net').Socket, received: Buffer }>}
 */
function comeBack({ port, path, lastEventId, bytes }) {
  return new Promise((resolve, reject) => {
    let length = 0;
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer: landing, callback: take } });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a stream was closed')));
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\nLast-Event-ID: ${lastEventId}\r\n\r\n`,
    );

    /** @param {number} more */
    function take(more) {
      if (length + more > bytes.length) {
        reject(new Error('a stream has got more than all messages'));
        return false;
      }
      bytes.set(more === READ_BYTES ? landing : landing.subarray(0, more), length);
      length += more;
      if (bytes.toString('latin1', Math.max(0, length - END_OF_REPLAY.length), length) === END_OF_REPLAY) {
        resolve({ socket, received: bytes.subarray(0, length) });
      }
      return true;
    }
  });
}

/**
 * Everybody comes back at once.
 *
 * @param {{ port: number, path: string, lastEventId: string, buffers: Buffer[] }} options buffers: one for each client
 * @returns what each of them has received, and how they leave
 */
export async function comeBackAll({ buffers, ...where }) {
  const stop = stayAwake();
  const late = new AbortController();
  try {
    const all = Promise.all(buffers.map((bytes) => comeBack({ ...where, bytes })));
    const clients = await Promise.race([all, failAfter(DEADLINE_MS, late.signal)]);
    return {
      received: clients.map(({ received }) => received),
      leave: () => {
        for (const { socket } of clients) socket.resetAndDestroy();
      },
    };
  } finally {
    late.abort();
    stop();
  }
}

/** @param {number} ms @param {AbortSignal} signal @returns {Promise<never>} */
function failAfter(ms, signal) {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`not everybody had everything after ${ms} ms`)), ms);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}

/**
 * @param {Buffer[]} received by each client
 * @param {number} count the messages are those from 1 to count
 * @throws if the first has not every message in its place, or another not the very same bytes
 */
export function verifyReplay(received, count) {
  const [first = Buffer.of(), ...others] = received.map(bodyOf);
  const frames = String(first).split('\n\n');
  const begin = frames.findIndex((frame) => frame.includes('\ndata:'));
  const numbers = frames.slice(begin, -1).map((frame) => JSON.parse(/^data: ?(.*)$/m.exec(frame)?.[1] ?? '{}').n);
  if (numbers.length !== count || numbers.some((n, index) => n !== index + 1) || frames.at(-1) !== '') {
    throw new Error(`expected ${count} messages, got ${numbers.length}: ${numbers.slice(0, 20)} ...`);
  }
  // What comes before them, such as a delay of its own for each client, has no data.
  const messages = first.subarray(frames.slice(0, begin).reduce((length, frame) => length + frame.length + 2, 0));
  for (const [index, body] of others.entries()) {
    const from = body.length - messages.length;
    if (from < 0 || body.subarray(0, from).includes('data:') || !body.subarray(from).equals(messages)) {
      throw new Error(`client ${index + 1} has got others than client 0: ${body.subarray(0, 500)}`);
    }
  }
}

/** Out of the response and its chunks (RFC 9112 7.1), in the same place. @param {Buffer} received */
function bodyOf(received) {
  const endOfHead = received.indexOf(END_OF_HEAD);
  const head = received.toString('latin1', 0, Math.max(0, endOfHead));
  if (!/^HTTP\/1\.1 200 .*\r\nTransfer-Encoding: chunked/is.test(head)) throw new Error(`not a stream: ${head}`);
  const bytes = received.subarray(endOfHead + END_OF_HEAD.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const line = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    const end = line + 2 + size;
    if (line < 0 || !(size > 0) || bytes[end] !== 13 || bytes[end + 1] !== 10) {
      throw new Error(`not a chunk at byte ${at} of ${bytes.length}`);
    }
    bytes.copyWithin(length, line + 2, end);
    length += size;
    at = end + 2;
  }
  return bytes.subarray(0, length);
}
