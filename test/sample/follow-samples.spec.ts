import { describe, expect, it } from '@jest/globals';
import type { SseMessage } from 'nestjs-event-stream';
import { followSamples, type ReaderStart } from '../../sample/src/machine/follow-samples.js';
import type { SampleHistory } from '../../sample/src/machine/sample-history.js';
import { historyOf, sampleOf } from './support/samples.js';

function read(history: SampleHistory, start: Partial<ReaderStart>) {
  const stop = new AbortController();
  const messages = followSamples(history, { replay: 0, ...start }, stop.signal);
  const take = async (count: number): Promise<SseMessage[]> => {
    const taken: SseMessage[] = [];
    while (taken.length < count) {
      const { value, done } = await messages.next();
      if (done) break;
      taken.push(value);
    }
    return taken;
  };
  return { take, stop: () => stop.abort() };
}

const idsOf = (messages: SseMessage[]) => messages.map(({ id }) => id);

describe('followSamples', () => {
  it('begins with what comes next', async () => {
    const history = historyOf(3);
    const next = read(history, {}).take(1);
    history.append(sampleOf(104));
    expect(idsOf(await next)).toEqual(['104']);
  });

  it('begins with as many of the newest as are asked for', async () => {
    const { take } = read(historyOf(3), { replay: 2 });
    expect(idsOf(await take(2))).toEqual(['102', '103']);
  });

  it('says what it replays, and goes on live without losing or doubling one', async () => {
    const history = historyOf(5);
    const { take } = read(history, { lastEventId: '103', replay: 5 });
    expect(await take(1)).toEqual([{ event: 'resumed', data: { since: '103', count: 2 } }]);
    history.append(sampleOf(106)); // between the announcement and the replay
    const replayed = await take(2);
    history.append(sampleOf(107)); // in the middle of the replay
    const rest = take(3);
    history.append(sampleOf(108)); // live
    expect(idsOf([...replayed, ...(await rest)])).toEqual(['104', '105', '106', '107', '108']);
  });

  it('says that nothing was missed', async () => {
    const { take } = read(historyOf(5), { lastEventId: '105' });
    expect(await take(1)).toEqual([{ event: 'resumed', data: { since: '105', count: 0 } }]);
  });

  it.each([
    ['101', 'expired'],
    ['999', 'future'],
    ['\u{1F4A5} junk', 'malformed'],
  ])('tells a reader with the id %p of a gap (%s), then replays what is kept', async (lastEventId, reason) => {
    const { take } = read(historyOf(13, 10), { lastEventId });
    const [gap, ...samples] = await take(11);
    expect(gap).toEqual({ id: '103', event: 'gap', data: { lastEventId, reason, count: 10 } });
    expect(idsOf(samples)).toEqual(['104', '105', '106', '107', '108', '109', '110', '111', '112', '113']);
  });

  it('does not tell of the gap again to who comes back with the id of the gap', async () => {
    const { take } = read(historyOf(13, 10), { lastEventId: '103' });
    expect((await take(1))[0]).toMatchObject({ event: 'resumed', data: { count: 10 } });
  });

  it('tells a reader of a gap that was so slow that the history has outrun it', async () => {
    const history = historyOf(2, 3);
    const { take } = read(history, { lastEventId: '100' });
    expect(idsOf(await take(3))).toEqual([undefined, '101', '102']);
    for (let id = 103; id <= 109; id++) history.append(sampleOf(id));
    const [gap, next] = await take(2);
    expect(gap).toEqual({ id: '106', event: 'gap', data: { lastEventId: '102', reason: 'expired', count: 3 } });
    expect(next?.id).toBe('107');
  });

  it('ends with the sample after the reader has left', async () => {
    const history = historyOf(0);
    const { take, stop } = read(history, {});
    const end = take(5);
    stop();
    history.append(sampleOf(101));
    expect(idsOf(await end)).toEqual([]);
  });

  it('sends the sample as data, under its id', async () => {
    const { take } = read(historyOf(1), { replay: 1 });
    const { id: _, ...data } = sampleOf(101);
    expect(await take(1)).toEqual([{ id: '101', event: 'sample', data }]);
  });
});
