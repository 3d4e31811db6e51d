import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FileCursorStore } from '../../lib/receiver/file-cursor-store.js';
import { SeededRandom } from '../channel/support/seeded-random.js';
import { CompiledLib } from './support/compiled-lib.js';

const KILLS = 25;

/** Ids that say which save they are of, and are so long that half of one would be noticed. */
const PADDING = '.'.repeat(3000);
const idOf = (save: number) => `${save}${PADDING}`;

/** Takes the source over again and again, saves three times each time, and reports each save once it is done. */
const SAVE_ON = `
  import { writeSync } from 'node:fs';
  const store = new FileCursorStore(process.argv[3]);
  const limit = Number(process.argv[4]);
  let reported = 0;
  for (let turn = 0; turn < Number(process.argv[5]) && reported < limit; turn++) {
    const { lastEventId = '0', fence } = await store.load('source');
    const loaded = Number.parseInt(lastEventId, 10);
    try {
      for (let save = loaded + 1; save <= loaded + 3; save++) {
        await store.save('source', save + '${PADDING}', fence);
        writeSync(1, save + '\\n');
        reported++;
      }
    } catch (error) {
      if (error.reason !== 'fenced') throw error;
    }
  }`;

/** A process that saves, and what it has reported as saved. */
class Writer {
  readonly reported: number[] = [];
  readonly closed: Promise<unknown[]>;
  errors = '';
  private readonly child: ChildProcess;

  constructor(program: string, directory: string, limit: number, turns: number) {
    this.child = spawn(process.execPath, [program, '', directory, `${limit}`, `${turns}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.closed = once(this.child, 'close');
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.reported.push(Number(line));
      this.child.emit('reported');
    });
  }

  /** Resolves when it has reported so many saves, or is no more. */
  async untilReported(count: number): Promise<void> {
    while (this.reported.length < count && this.child.exitCode === null) {
      await Promise.race([once(this.child, 'reported'), this.closed]);
    }
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

describe('processes that keep cursors in files', () => {
  let lib: CompiledLib;
  let program: string;
  let directory: string;
  let writers: Writer[];

  beforeAll(async () => {
    lib = await CompiledLib.build();
    program = await lib.program('save-on', SAVE_ON, {
      names: 'FileCursorStore',
      module: 'receiver/file-cursor-store.js',
    });
  });

  afterAll(async () => {
    await lib.remove();
  });

  beforeEach(async () => {
    writers = [];
    directory = await mkdtemp(join(tmpdir(), 'sse-killed-'));
  });

  afterEach(async () => {
    for (const writer of writers) writer.kill();
    await Promise.all(writers.map(({ closed }) => closed));
    await rm(directory, { recursive: true });
  });

  function start(limit: number, turns = Number.POSITIVE_INFINITY): Writer {
    const writer = new Writer(program, directory, limit, turns);
    writers.push(writer);
    return writer;
  }

  async function halfWritten(): Promise<string[]> {
    return (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.tmp'));
  }

  it('lose nothing that they have saved, and leave nothing half saved, killed at any instant', async () => {
    const random = new SeededRandom(1);
    const store = new FileCursorStore(directory);
    let interrupted = 0;
    // Until some were killed in the middle of a write, or nothing would have been put to the test.
    for (let last = 0, kill = 0; kill < KILLS || interrupted === 0; kill++) {
      const writer = start(Number.POSITIVE_INFINITY);
      await writer.untilReported(1 + random.int(8));
      for (let turns = random.int(200); turns > 0; turns--) await nextTurn();
      writer.kill();
      await writer.closed;
      expect(writer.errors).toBe('');
      const reported = writer.reported.at(-1)!;
      expect(writer.reported).toEqual(Array.from(writer.reported, (_, n) => last + 1 + n));
      interrupted += (await halfWritten()).length;

      const { lastEventId } = await store.load('source');
      expect([idOf(reported), idOf(reported + 1)]).toContain(lastEventId);
      last = Number.parseInt(lastEventId!, 10);
    }
    expect(await halfWritten()).toEqual([]);
  }, 60_000);

  it('take a source over from each other without a save being lost', async () => {
    // So many turns, and not so many saves: how often one gets to save before the other takes over again is mere luck.
    const both = [start(1_000, 60), start(1_000, 60)];
    for (const { closed } of both) expect(await closed).toEqual([0, null]);
    const reported = both.flatMap((writer) => writer.reported);
    // Each save went on from what had been saved before it: two of one number would have one of them lost.
    expect(new Set(reported).size).toBe(reported.length);
    // Who is the last to go has nobody left to take over from it.
    expect(reported.length).toBeGreaterThanOrEqual(3);
    for (const writer of both) expect(writer.reported).toEqual([...writer.reported].sort((a, b) => a - b));
    const { lastEventId } = await new FileCursorStore(directory).load('source');
    expect(Number.parseInt(lastEventId!, 10)).toBeGreaterThanOrEqual(Math.max(...reported));
  }, 60_000);
});
