import { describe, expect, it } from '@jest/globals';
import type { SseMessage, SseMessageOf } from './message.js';

interface Events {
  created: { name: string };
  deleted: { id: string };
  emptied: undefined;
  message: number;
}

/** Checked by the compiler: an expected error that does not come is an error. */
const accepted: SseMessageOf<Events>[] = [
  { event: 'created', data: { name: 'x' } },
  { id: '1', retry: 5, comment: 'c', event: 'deleted', data: { id: '1' } },
  { event: 'emptied' },
  { event: 'message', data: 1 },
  { data: 1 },
  { comment: 'ping' },
  { comment: 'ping', id: '1' },
  // @ts-expect-error data of another event
  { event: 'created', data: { id: '1' } },
  // @ts-expect-error an event that is not in the map
  { event: 'other', data: 1 },
  // @ts-expect-error data is missing
  { event: 'created' },
  // @ts-expect-error an event that has no data
  { event: 'emptied', data: 1 },
  // @ts-expect-error no data of an unnamed event
  { data: 'x' },
];

const anything: SseMessageOf<any>[] = [{ data: 1 }, { event: 'x' }, { id: '1' }] satisfies SseMessage[];

describe('SseMessageOf', () => {
  it('is a type and nothing else', () => {
    expect([...accepted, ...anything]).toHaveLength(15);
  });
});
