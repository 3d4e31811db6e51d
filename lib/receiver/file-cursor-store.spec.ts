import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cursorStoreContract } from '../../test/receiver/cursor-store-contract.js';
import { FileCursorStore } from './file-cursor-store.js';

const directories: string[] = [];

async function freshDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sse-cursors-'));
  directories.push(directory);
  return directory;
}

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

let shared: string;

cursorStoreContract('FileCursorStore', {
  async reset() {
    shared = await freshDirectory();
  },
  open: () => new FileCursorStore(shared),
});

describe('FileCursorStore', () => {
  let directory: string;
  let store: FileCursorStore;

  beforeEach(async () => {
    directory = join(await freshDirectory(), 'made/when needed');
    store = new FileCursorStore(directory);
  });

  /** The one directory that there is, of the source `a`. */
  const ofSource = async () => join(directory, (await readdir(directory))[0]!);
  const files = async () => (await readdir(await ofSource())).sort();
  const put = async (name: string, content = '') => writeFile(join(await ofSource(), name), content);
  const saved = (lastEventId?: string, source = 'a') => JSON.stringify({ source, lastEventId });

  /** As somebody does who takes the source over. */
  const moveClaim = async (from: number, to: number) =>
    rename(join(await ofSource(), `${from}.claim`), join(await ofSource(), `${to}.claim`));

  /** As somebody leaves it who has saved under the fence 1. */
  async function saveFirst(): Promise<void> {
    const { fence } = await store.load('a');
    await store.save('a', '1', fence);
  }

  it.each([undefined, null, '', 1, {}, 'a\0b'])('refuses %p for a directory', (given) => {
    expect(() => new FileCursorStore(given as string)).toThrow(/^.*'?directory'? must be the path of a directory/s);
  });

  it('makes its files for their owner alone', async () => {
    await saveFirst();
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await modeOf(directory)).toBe('700');
    expect(await modeOf(await ofSource())).toBe('700');
    for (const name of await files()) expect(await modeOf(join(await ofSource(), name))).toBe('600');
  });

  it('names the source in the file, for those who look into it', async () => {
    await saveFirst();
    expect(await readFile(join(await ofSource(), '1.json'), 'utf8')).toBe('{"source":"a","lastEventId":"1"}\n');
  });

  it('stays in its directory, also when the process goes elsewhere', async () => {
    const before = process.cwd();
    const relativeStore = new FileCursorStore(relative(before, directory));
    await mkdir(directory, { recursive: true });
    try {
      process.chdir(directory);
      await relativeStore.load('a');
    } finally {
      process.chdir(before);
    }
    expect(await files()).toEqual(['1.claim', '1.json']);
  });

  it('leaves nothing behind of those that held the source before', async () => {
    await saveFirst();
    await store.load('a');
    await put('1.json', saved('late'));
    await put('2.json.00000000-0000-0000-0000-000000000000.tmp', '{"sou');
    await put('notes.txt', 'of somebody else');
    expect(await store.load('a')).toEqual({ lastEventId: '1', fence: 3 });
    expect(await files()).toEqual(['3.claim', '3.json', 'notes.txt']);
  });

  it('writes nothing for those that it refuses', async () => {
    await saveFirst();
    await store.load('a');
    await expect(store.save('a', 'stale', 1)).rejects.toMatchObject({ reason: 'fenced' });
    expect(await files()).toEqual(['2.claim', '2.json']);
  });

  it.each<[string, number, Record<string, string>]>([
    ['when the source was taken over', 2, {}],
    ['several times in a row', 7, {}],
    ['while it wrote', 2, { '2.json.a-b.tmp': '{"source":"a","lastEv' }],
    ['before it cleared away', 2, { '2.json': saved('1') }],
  ])('gives the cursor after a crash %s', async (_, claimed, leftovers) => {
    await saveFirst();
    await moveClaim(1, claimed);
    for (const [name, content] of Object.entries(leftovers)) await put(name, content);
    const fence = claimed + 1;
    expect(await store.load('a')).toEqual({ lastEventId: '1', fence });
    await store.save('a', '2', fence);
    expect(await files()).toEqual([`${fence}.claim`, `${fence}.json`]);
  });

  it('begins where it is told after a crash before anything was saved', async () => {
    await store.load('a');
    await moveClaim(1, 2);
    expect(await store.load('a')).toEqual({ fence: 3 });
  });

  it('clears away what was left by a crash while it made its first files', async () => {
    await saveFirst();
    const halfMade = `${await ofSource()}.a-b.tmp`;
    await mkdir(halfMade);
    await writeFile(join(halfMade, '0.claim'), '');
    const ofAnother = `${'0'.repeat(64)}.a-b.tmp`;
    await mkdir(join(directory, ofAnother));
    expect(await store.load('a')).toEqual({ lastEventId: '1', fence: 2 });
    expect(await readdir(directory)).not.toContain(basename(halfMade));
    expect(await readdir(directory)).toContain(ofAnother);
  });

  it('never goes back to what an earlier holder has written too late', async () => {
    await saveFirst();
    const { fence } = await store.load('a');
    await store.save('a', '2', fence);
    await put('1.json', saved('late'));
    await moveClaim(2, 5);
    expect(await store.load('a')).toEqual({ lastEventId: '2', fence: 6 });
  });

  it.each([
    ['is empty', ''],
    ['breaks off', '{"source":"a","lastEventId":"1'],
    ['is zeros', '\0'.repeat(30)],
    ['is something else', '[]'],
    ['is null', 'null'],
    ['is of another source', saved('1', 'b')],
    ['has an id that is no text', '{"source":"a","lastEventId":1}'],
  ])('refuses to load a cursor that %s, and names the file', async (_, content) => {
    await saveFirst();
    await put('1.json', content);
    for (let attempt = 0; attempt < 2; attempt++) {
      const loading = store.load('a');
      await expect(loading).rejects.toMatchObject({ code: 'SSE_CURSOR', reason: 'unreadable', source: 'a' });
      await expect(loading).rejects.toThrow(join(await ofSource(), '1.json'));
    }
    await put('1.json', saved('mended'));
    expect(await store.load('a')).toEqual({ lastEventId: 'mended', fence: 4 });
  });

  it('refuses bytes that are no UTF-8', async () => {
    await saveFirst();
    await writeFile(join(await ofSource(), '1.json'), Buffer.from('{"source":"a","lastEventId":"\xff"}', 'latin1'));
    await expect(store.load('a')).rejects.toMatchObject({ reason: 'unreadable' });
  });

  it.each(['json', 'claim'])('does not begin anew when the file .%s is gone', async (kind) => {
    await saveFirst();
    await rm(join(await ofSource(), `1.${kind}`));
    const loading = store.load('a');
    await expect(loading).rejects.toMatchObject({ reason: 'unreadable' });
    await expect(loading).rejects.toThrow(await ofSource());
  });

  it('tells what the file system refuses as it is, for another attempt', async () => {
    await saveFirst();
    await rm(join(await ofSource(), '1.json'));
    await mkdir(join(await ofSource(), '1.json'));
    await expect(store.save('a', '2', 1)).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await files()).toEqual(['1.claim', '1.json']);
    await expect(store.load('a')).rejects.toMatchObject({ code: 'EISDIR' });
    await rm(join(await ofSource(), '1.json'), { recursive: true });
    await put('1.json', saved('1'));
    expect(await store.load('a')).toEqual({ lastEventId: '1', fence: 3 });
  });

  it('cannot be made where a file is', async () => {
    const file = join(await freshDirectory(), 'file');
    await writeFile(file, '');
    await expect(new FileCursorStore(file).load('a')).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
  });

  it('says that its files are gone, rather than that somebody has taken the source over', async () => {
    await saveFirst();
    await rm(await ofSource(), { recursive: true });
    await expect(store.save('a', '2', 1)).rejects.toMatchObject({ reason: 'unreadable' });
    expect(await store.load('a')).toEqual({ fence: 1 });
  });
});
