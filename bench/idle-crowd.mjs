/** Clients that open streams and count, on raw sockets, so that next to nothing of the machine goes to them. */
import { connect } from 'node:net';

const CONNECTING_AT_ONCE = 128;
const END_OF_HEAD = '\r\n\r\n';
const END_OF_BLOCK = '\n\n';

/** All sockets read into the same place, for nothing of it is kept. */
const landing = Buffer.allocUnsafeSlow(64 * 1024);

/** @typedef {import('node:net').Socket} Socket */

/**
 * Opens a stream, and says so when its head is there and something of its body.
 *
 * @param {{ port: number, path: string, onBlocks?: (blocks: number) => void }} options onBlocks: how many blocks ended in
 *   what came afterwards, for a socket that is watched until it closes
 * @returns {Promise<Socket>}
 */
export function openStream({ port, path, onBlocks = () => {} }) {
  return new Promise((resolve, reject) => {
    let head = '';
    let isOpen = false;
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer: landing, callback: take } });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('a stream was closed')));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`);

    /** @param {number} length */
    function take(length) {
      if (isOpen) onBlocks(blocksIn(length));
      else head += landing.toString('latin1', 0, length);
      const end = head.indexOf(END_OF_HEAD);
      if (isOpen || end < 0 || end + END_OF_HEAD.length === head.length) return true;
      isOpen = true;
      if (/^HTTP\/1\.1 200 .*\r\nContent-Type: text\/event-stream/is.test(head)) resolve(socket);
      else reject(new Error(`not a stream: ${head}`));
      head = '';
      return true;
    }
  });
}

/** @param {number} length */
function blocksIn(length) {
  const bytes = landing.subarray(0, length);
  let blocks = 0;
  for (let at = bytes.indexOf(END_OF_BLOCK); at >= 0; at = bytes.indexOf(END_OF_BLOCK, at + END_OF_BLOCK.length))
    blocks++;
  return blocks;
}

export class Crowd {
  /** Blocks that have ended, over all streams. */
  blocks = 0;
  /** @type {Socket[]} */
  #sockets = [];

  /** @param {number} port @param {string | string[]} path one for all, or one for each @param {number} count */
  static async open(port, path, count) {
    const crowd = new Crowd();
    let left = count;
    const onBlocks = (/** @type {number} */ blocks) => {
      crowd.blocks += blocks;
    };
    const next = async () => {
      while (left > 0) {
        left--;
        const own = typeof path === 'string' ? path : String(path[left]);
        crowd.#sockets.push(await openStream({ port, path: own, onBlocks }));
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, next));
    return crowd;
  }

  /**
   * Counts blocks for so long, and never sleeps meanwhile: the server would be charged for waking this process, and all the
   * more so the faster it is.
   *
   * @param {number} ms
   */
  listen(ms) {
    const end = performance.now() + ms;
    return new Promise((resolve) => {
      const look = () => (performance.now() < end ? setImmediate(look) : resolve(undefined));
      look();
    });
  }

  /**
   * Without a wait for the last packets of the connections (TIME_WAIT), of which there are too many.
   *
   * @throws if not all of them have been there until now
   */
  leave() {
    const gone = this.#sockets.filter((socket) => socket.destroyed).length;
    if (gone > 0) throw new Error(`${gone} of ${this.#sockets.length} streams were closed`);
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
