/**
 * The server of receiver.mjs, in a process of its own: `/bulk` sends the events as fast as they are taken; `/paced`
 * waits until all streams are there, then sends each at its rate. Tells its parent the port.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { CHUNK, PER_SECOND, workloadsOf } from './receiver-workloads.mjs';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';
const workloads = workloadsOf(process.env);
const CHUNKS_AT_ONCE = 100;
const BLOCK = Buffer.concat(Array.from({ length: CHUNKS_AT_ONCE }, () => CHUNK));

/** @typedef {import('node:net').Socket} Socket */

/** @param {Socket} socket */
async function sendBulk(socket) {
  const bytes = workloads.bulk.events * CHUNK.length;
  for (let sent = 0; sent < bytes; sent += BLOCK.length) {
    const block = BLOCK.subarray(0, Math.min(BLOCK.length, bytes - sent));
    if (!socket.write(block)) await once(socket, 'drain');
  }
  socket.end(LAST_CHUNK);
}

/** @param {Socket[]} sockets */
function sendPaced(sockets) {
  const { events } = workloads.paced;
  const start = performance.now();
  // Streams have nothing to do with each other, so their events do not come at the same moment.
  const streams = sockets.map((socket, index) => ({ socket, sent: 0, phase: index / sockets.length }));
  const timer = setInterval(() => {
    const due = ((performance.now() - start) / 1_000) * PER_SECOND;
    for (const stream of streams) {
      const { socket, phase } = stream;
      // A timer that came late sends what was missed.
      for (; stream.sent < Math.min(events, due - phase); stream.sent++) socket.write(CHUNK);
      if (stream.sent === events) socket.end(LAST_CHUNK);
    }
    streams.splice(0, Infinity, ...streams.filter(({ sent }) => sent < events));
    if (streams.length === 0) clearInterval(timer);
  }, 1);
}

/** @type {Socket[]} */
let waiting = [];

const server = createServer({ noDelay: true }, async (socket) => {
  // A subject that fails says so by itself.
  socket.on('error', () => {});
  const [request] = await once(socket, 'data');
  socket.write(HEAD);
  if (String(request).startsWith('GET /bulk ')) {
    await sendBulk(socket);
  } else if (waiting.push(socket) === workloads.paced.streams) {
    sendPaced(waiting);
    waiting = [];
  }
});

process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.send?.({ port });
});
