import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileCursorStore, MemoryCursorStore } from '../../lib/index.js';

describe('the stores of cursors', () => {
  let directory: string;
  let store: FileCursorStore;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sse-cursors-'));
    store = new FileCursorStore(join(directory, 'cursors'));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true });
  });

  const ofSource = async () => {
    const [name] = await readdir(join(directory, 'cursors'));
    return join(directory, 'cursors', name!);
  };

  it('never give a fence that was given before, after a backup was put back over what is there', async () => {
    const first = await store.load('a');
    await store.save('a', '1', first.fence);
    await cp(await ofSource(), join(directory, 'backup'), { recursive: true });
    for (let turn = 0; turn < 3; turn++) await store.load('a');
    const newest = await store.load('a');
    await store.save('a', '9', newest.fence);
    await cp(join(directory, 'backup'), await ofSource(), { recursive: true });

    const outcome = await store.load('a').catch((error: unknown) => error);
    // Either it is refused as damaged, or it goes on from the newest.
    if (outcome instanceof Error) return;
    const { fence, lastEventId } = outcome as { fence: number; lastEventId: string };
    expect({ lastEventId, isNew: fence > newest.fence }).toEqual({ lastEventId: '9', isNew: true });
    await store.save('a', '10', fence);
    await expect(store.save('a', 'stale', newest.fence)).rejects.toMatchObject({ reason: 'fenced' });
    expect((await store.load('a')).lastEventId).toBe('10');
  });

  it('work through a link to the directory', async () => {
    await mkdir(join(directory, 'real'));
    await symlink(join(directory, 'real'), join(directory, 'cursors'));
    const { fence } = await store.load('a');
    await store.save('a', '1', fence);
    expect((await store.load('a')).lastEventId).toBe('1');
  });

  it('replace a link in the place of a file, and do not write through it', async () => {
    const { fence } = await store.load('a');
    const victim = join(directory, 'victim');
    await writeFile(victim, 'precious');
    await rm(join(await ofSource(), `${fence}.json`));
    await symlink(victim, join(await ofSource(), `${fence}.json`));
    await store.save('a', '1', fence);
    expect(await readFile(victim, 'utf8')).toBe('precious');
    expect((await store.load('a')).lastEventId).toBe('1');
  });

  it('do not grow: 300 saves and 100 loads leave two files', async () => {
    for (let turn = 0; turn < 100; turn++) {
      const { fence } = await store.load('a');
      for (let save = 0; save < 3; save++) await store.save('a', `${turn} ${save}`, fence);
    }
    expect(await readdir(join(directory, 'cursors'))).toHaveLength(1);
    expect(await readdir(await ofSource())).toHaveLength(2);
  });

  it('are not changed by what somebody does with a cursor that was loaded', async () => {
    const memory = new MemoryCursorStore();
    const first = await memory.load('a');
    await memory.save('a', '1', first.fence);
    const loaded = (await memory.load('a')) as { fence: number; lastEventId?: string };
    loaded.lastEventId = 'changed';
    loaded.fence = 0;
    expect(await memory.load('a')).toEqual({ lastEventId: '1', fence: 3 });
  });
});
