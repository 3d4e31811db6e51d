import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledLib } from './support/compiled-lib.js';
import { ScriptedServer } from './support/scripted-server.js';

const MESSAGES = 1_500;
const KILLS = 8;

/** How a consumer does its work, which is to write the message's id to a file. */
const CONSUMERS = {
  'process()': 'await subscription.process(async (message) => work(message));',
  'for await': 'for await (const message of subscription) await work(message);',
  'concatMap()': 'await new Promise((complete) => subscription.concatMap(work).subscribe({ complete }));',
};

describe('a process that is killed at any time, and started again', () => {
  let lib: CompiledLib;
  let directory: string;
  let server: ScriptedServer;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    lib = await CompiledLib.build();
  });

  afterAll(async () => {
    await lib.remove();
  });

  afterEach(async () => {
    child?.kill('SIGKILL');
    await server.close();
    await rm(directory, { recursive: true });
  });

  it.each(Object.entries(CONSUMERS))(
    'misses nothing: %s',
    async (name, consume) => {
      directory = await mkdtemp(join(tmpdir(), 'sse-kill-'));
      server = await ScriptedServer.start((response, { headers }) => {
        const last = Number(headers['last-event-id'] ?? 0);
        if (last === MESSAGES) {
          response.writeHead(204).end();
          return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (let id = last + 1; id <= MESSAGES; id++) response.write(`id: ${id}\ndata: ${id}\n\n`);
        response.end();
      });
      const log = join(directory, 'log');
      const program = await lib.program(
        name.replace(/\W+/g, '-'),
        `import { appendFileSync } from 'node:fs';
      const files = new FileCursorStore(process.argv[4]);
      const cursorStore = {
        load: (source) => files.load(source),
        save: (...what) => files.save(...what).then(() => void process.stdout.write('!')),
      };
      const options = { name: 'numbers', cursorStore, retry: { nextDelayMs: () => 0 } };
      const subscription = new SseReceiverService().subscribe(url, options);
      const work = async ({ id }) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        appendFileSync(process.argv[3], id + '\\n');
        process.stdout.write('.');
      };
      ${consume}`,
        { names: 'FileCursorStore, SseReceiverService' },
      );
      const run = () => {
        child = spawn(process.execPath, [program, server.url, log, join(directory, 'cursors')], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        return child;
      };

      for (let kill = 1; kill <= KILLS; kill++) {
        const running = run();
        const worked = kill * 7;
        let seen = '';
        running.stdout?.setEncoding('utf8').on('data', (signs: string) => {
          seen += signs;
          // Wherever it is by then, but a cursor was saved, so that the next life can be asked where it began.
          if (seen.length >= worked && seen.includes('!')) running.kill('SIGKILL');
        });
        expect(await once(running, 'close')).toEqual([null, 'SIGKILL']);
      }
      expect(await once(run(), 'close')).toEqual([0, null]);

      const worked = (await readFile(log, 'utf8')).trim().split('\n').map(Number);
      expect([...new Set(worked)].sort((a, b) => a - b)).toEqual(Array.from({ length: MESSAGES }, (_, n) => n + 1));
      // Each life begins where the cursor was, not at the beginning again.
      const begunWith = server.requests.map(({ headers }) => Number(headers['last-event-id'] ?? 0));
      expect(begunWith).toEqual([...begunWith].sort((a, b) => a - b));
      expect(begunWith.filter((cursor) => cursor === 0)).toHaveLength(1);
    },
    60_000,
  );
});
