import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

const HOW_TO_GET_IT = `There is no redis-server on the PATH, which joins the instances. One of these helps:
  Debian, Ubuntu:  sudo apt install redis-server
  macOS:           brew install redis
  a Redis 7 that you have:  REDIS_URL=redis://127.0.0.1:6379 npm run sample:cluster
  Docker, for all of it:    docker compose -f sample/compose.yaml up`;

/** A Redis for the sample alone, that forgets everything with its end. */
export interface OwnRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws Error that says how to install it, or what it has printed when it does not start */
export async function startOwnRedis(folder: string): Promise<OwnRedis> {
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'no'];
  // In a process group of its own: Ctrl+C in the terminal reaches the whole group, and the instances need it to the last.
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const ended = new Promise<string>((resolve) => {
    child.once('error', ({ message }) => resolve(message.includes('ENOENT') ? HOW_TO_GET_IT : message));
    child.once('exit', () => resolve(`redis-server has ended:\n${output}`));
  });
  let output = '';
  const ready = new Promise<undefined>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      // Nothing of it is of use later, but it has to be read.
      if (output.length < 10_000) output += text;
      if (/Ready to accept connections/.test(text)) resolve(undefined);
    });
  });
  const failure = await Promise.race([ended, ready]);
  if (failure) throw new Error(failure);
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
