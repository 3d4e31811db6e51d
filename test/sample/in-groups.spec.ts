import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Subject } from 'rxjs';
import { inGroups } from '../../sample/src/watcher/in-groups.js';

describe('inGroups', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('gives the first at once, the others together, and nothing when nothing came', () => {
    const values = new Subject<number>();
    const groups: number[][] = [];
    values.pipe(inGroups(1000)).subscribe((group) => groups.push(group));
    values.next(1);
    expect(groups).toEqual([[1]]);
    values.next(2);
    values.next(3);
    jest.advanceTimersByTime(999);
    expect(groups).toEqual([[1]]);
    jest.advanceTimersByTime(1);
    expect(groups).toEqual([[1], [2, 3]]);
    jest.advanceTimersByTime(5000);
    values.next(4);
    values.complete();
    expect(groups).toEqual([[1], [2, 3], [4]]);
  });
});
