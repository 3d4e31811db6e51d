import { describe, expect, it } from '@jest/globals';
import { deferred } from './deferred.js';
import { SharedSync } from './shared-sync.js';

describe('SharedSync', () => {
  it('asks once for all who come while one is under way, and never rejects', async () => {
    const answers = [deferred<boolean>(), deferred<boolean>(), deferred<boolean>()];
    let asked = 0;
    const shared = new SharedSync({
      sync: async () => {
        if (!(await answers[asked++]!.promise)) throw new Error('no answer');
      },
    });
    const done: string[] = [];
    const ask = (who: string) => shared.sync().then(() => done.push(who));
    const all = [ask('a')];
    for (const who of ['b', 'c', 'd']) all.push(ask(who));
    expect(asked).toBe(1);
    answers[0]!.resolve(true);
    await all[0];
    expect([done, asked]).toEqual([['a'], 2]);
    all.push(ask('e'));
    answers[1]!.resolve(false);
    await Promise.all(all.slice(0, 4));
    expect([done, asked]).toEqual([['a', 'b', 'c', 'd'], 3]);
    answers[2]!.resolve(true);
    await Promise.all(all);
    expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('asks anew when nothing is under way', async () => {
    let asked = 0;
    const shared = new SharedSync({
      sync: () => {
        asked++;
      },
    });
    await shared.sync();
    await shared.sync();
    expect(asked).toBe(2);
  });
});
