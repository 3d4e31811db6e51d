import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Redis of its own for a benchmark, on a free port and in a directory that goes with it. */
export class RedisServer {
  #process;
  #directory;

  static async start() {
    const directory = await mkdtemp(join(tmpdir(), 'redis-bench-'));
    const port = await freePort();
    const settings = { port, bind: '127.0.0.1', save: '', dir: directory };
    const options = Object.entries(settings).flatMap(([option, value]) => [`--${option}`, String(value)]);
    const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
    await untilReady(child.stdout);
    return new RedisServer(child, directory, port);
  }

  /** @param {import('node:child_process').ChildProcess} child @param {string} directory @param {number} port */
  constructor(child, directory, port) {
    this.#process = child;
    this.#directory = directory;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  async stop() {
    this.#process.kill();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
    await rm(this.#directory, { recursive: true });
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  return port;
}

/** @param {import('node:stream').Readable} output */
async function untilReady(output) {
  output.setEncoding('utf8');
  for (let said = ''; !said.includes('Ready to accept connections'); ) {
    said += String((await once(output, 'data'))[0]);
  }
  output.resume();
}
