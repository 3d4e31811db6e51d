import { describe, expect, it } from '@jest/globals';
import { CHUNK, DATA, EVENT_BYTES, workloadsOf } from '../../bench/receiver-workloads.mjs';
import { SseDecoder } from '../../lib/protocol/index.js';

describe('the workloads of the receiver benchmark', () => {
  it('are of the sizes that they are told, and count from when it is warm', () => {
    expect(workloadsOf({ EVENTS: '500', PACED_SECONDS: '2', PACED_WARM_UP_SECONDS: '0.1' })).toEqual({
      bulk: { streams: 1, events: 500, unmeasured: 1 },
      paced: { streams: 50, events: 420, unmeasured: 1000 },
    });
  });

  it('send an HTTP chunk that holds one event with the data that is expected', () => {
    const [size, ...rest] = String(CHUNK).split('\r\n');
    const frame = rest.join('\r\n').slice(0, -2);
    expect(Number.parseInt(String(size), 16)).toBe(EVENT_BYTES);
    expect(frame).toHaveLength(EVENT_BYTES);
    const data: string[] = [];
    new SseDecoder({ onMessage: (message) => data.push(message.data) }).push(Buffer.from(frame));
    expect(data).toEqual([DATA]);
  });
});
