import { expect, it } from '@jest/globals';
import { backplaneContract } from '../../test/channel/backplane-contract.js';
import { SharedMemory } from './shared-memory.js';

let memory = new SharedMemory();

backplaneContract('the memory that the applications of a test share', {
  members: 3,
  reset: () => {
    memory = new SharedMemory();
  },
  join: () => memory.backplane(),
  settled: async () => {},
});

const NOBODY = { deliver() {}, closed() {}, advanced() {}, lost() {}, ruptured() {} };

it.each([
  ['number', { events: 2, bytes: 1000, ageMs: 1000 }, ['b', 'c']],
  ['bytes', { events: 10, bytes: 10, ageMs: 1000 }, ['c']],
  ['nothing at all', { events: 0, bytes: 1000, ageMs: 1000 }, []],
])('keeps no more of a channel than the history of the module does, by %s', async (_by, limits, kept) => {
  const backplane = new SharedMemory().backplane();
  await backplane.start(NOBODY, { limitsOf: () => limits });
  for (const text of ['a', 'b', 'c'])
    await backplane.publish({ channel: 'x', body: `data: ${text}\n\n`, key: undefined });
  const { floor, messages } = await backplane.open('x', 1000);
  expect(messages.map(({ body }) => body)).toEqual(kept.map((text) => `data: ${text}\n\n`));
  expect(floor).toBe(3 - kept.length);
});

it('serves one application at a time', async () => {
  const backplane = memory.backplane();
  const history = { limitsOf: () => ({ events: 1, bytes: 1, ageMs: 1 }) };
  await backplane.start(NOBODY, history);
  expect(() => backplane.start(NOBODY, history)).toThrow(/one for each/);
  await backplane.stop();
  await backplane.start(NOBODY, history);
});
