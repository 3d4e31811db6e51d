import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CursorKeeper } from '../../lib/receiver/cursor-keeper.js';
import { SseCursorError, type SseCursorStore } from '../../lib/receiver/index.js';
import { failureOf } from './support/consumers.js';

describe('the cursor keeper', () => {
  const events = { onFenced: jest.fn(), onTrouble: jest.fn() };
  const save = jest.fn<SseCursorStore['save']>();
  const load = jest.fn<() => Promise<unknown>>();
  let keeper: CursorKeeper;

  beforeEach(() => {
    jest.useFakeTimers();
    jest.resetAllMocks();
    load.mockResolvedValue({ fence: 1 });
    save.mockResolvedValue();
    keeper = new CursorKeeper({ load, save } as unknown as SseCursorStore, 'letters', events);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const savedIds = () => save.mock.calls.map(([, id]) => id);
  /** Lets everything happen that waits for no time. */
  const pass = (ms = 0) => jest.advanceTimersByTimeAsync(ms);

  describe('loading', () => {
    it.each([
      ['nothing', undefined],
      ['null', null],
      ['an id that is no text', { fence: 1, lastEventId: 7 }],
      ['no fence', { lastEventId: '7' }],
    ])('refuses %s for good, for asking again would not mend it', async (_what, answer) => {
      load.mockResolvedValue(answer);
      expect(await failureOf(keeper.load(''))).toMatchObject({ code: 'SSE_CURSOR', reason: 'unreadable' });
    });

    it('passes on what the store says in the words of the package', async () => {
      const error = new SseCursorError('unreadable', 'letters', 'It is damaged');
      load.mockRejectedValue(error);
      expect(await failureOf(keeper.load(''))).toBe(error);
    });

    it('saves nothing before, without a fence, and not again what was loaded', async () => {
      keeper.moved('1');
      load.mockResolvedValue({ fence: 1, lastEventId: '2' });
      await keeper.load('');
      keeper.moved('2');
      await pass();
      expect(save).not.toHaveBeenCalled();
    });

    it('is no reason not to save that the server has cleared its id', async () => {
      load.mockResolvedValue({ fence: 1, lastEventId: '2' });
      await keeper.load('');
      keeper.moved('');
      await pass();
      expect(savedIds()).toEqual(['']);
    });

    it('saves nothing again that is the cursor to begin with where none is stored', async () => {
      await keeper.load('2');
      keeper.moved('2');
      await pass();
      expect(save).not.toHaveBeenCalled();
    });
  });

  describe('a save that fails', () => {
    beforeEach(() => keeper.load(''));

    it('is tried again after waits that double up to 5 s, and begin anew after a success', async () => {
      save.mockRejectedValue(new Error('down'));
      keeper.moved('1');
      await pass();
      for (const [tries, wait] of [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000].entries()) {
        await pass(wait - 1);
        expect(save).toHaveBeenCalledTimes(tries + 1);
        if (tries === 7) save.mockReset().mockImplementationOnce(async () => keeper.moved('2'));
        if (tries === 7) save.mockRejectedValueOnce(new Error('down again'));
        await pass(1);
      }
      await pass(100);
      expect(savedIds()).toEqual(['1', '2', '2']);
    });

    it('is tried again at once when the end comes in the middle of a wait', async () => {
      save.mockRejectedValueOnce(new Error('down'));
      keeper.moved('1');
      await pass();
      const settled = keeper.settle(true);
      await pass();
      expect(savedIds()).toEqual(['1', '1']);
      await settled;
      expect(jest.getTimerCount()).toBe(0);
    });

    it('is tried once more when the end comes while it runs', async () => {
      let fail = (_error: Error) => {};
      save.mockImplementationOnce(() => new Promise((_resolve, reject) => (fail = reject)));
      keeper.moved('1');
      const settled = keeper.settle(true);
      fail(new Error('down'));
      await pass(100);
      await settled;
      expect(savedIds()).toEqual(['1', '1']);
    });

    it('is tried again where the store says that it is unavailable, in the words of the package', async () => {
      save.mockRejectedValueOnce(new SseCursorError('unavailable', 'letters', 'It is down'));
      keeper.moved('1');
      await pass(100);
      expect(savedIds()).toEqual(['1', '1']);
      expect(events.onFenced).not.toHaveBeenCalled();
    });
  });

  describe('once somebody else has taken the source over', () => {
    const fenced = new SseCursorError('fenced', 'letters', 'It was taken over');

    beforeEach(() => keeper.load(''));

    it('saves nothing any more, and says so once', async () => {
      save.mockRejectedValue(fenced);
      keeper.moved('1');
      await pass();
      keeper.moved('2');
      await pass(10_000);
      expect(savedIds()).toEqual(['1']);
      expect(events.onFenced).toHaveBeenCalledTimes(1);
    });

    it('leaves no timer behind where it had to wait for a load of its own', async () => {
      let answer = (_stored: unknown) => {};
      load.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
      const late = keeper.load('');
      save.mockRejectedValueOnce(fenced);
      keeper.moved('1');
      await pass();
      answer({ fence: 2 });
      await late;
      await pass();
      expect(save.mock.calls).toEqual([
        ['letters', '1', 1],
        ['letters', '1', 2],
      ]);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  it('leaves no timer behind when it has settled', async () => {
    await keeper.load('');
    keeper.moved('1');
    await keeper.settle(false);
    expect(jest.getTimerCount()).toBe(0);
  });
});
