import { describe, expect, it } from '@jest/globals';
import { ReceivedMessage, type SseConnectionState } from 'nestjs-event-stream';
import { describeMessage, describeSamples, describeState } from '../../sample/src/watcher/describe.js';
import { sampleOf } from './support/samples.js';

describe('what the watcher says', () => {
  it('puts many samples in one line', () => {
    const samples = [
      sampleOf(1, 0, { cpuPercent: 10, loopDelayMs: { mean: 1, max: 12.34 } }),
      sampleOf(2, 1, { cpuPercent: 30, openStreams: 2 }),
    ];
    expect(describeSamples(samples)).toBe(
      '2 samples, CPU 20 % (highest 30 %), memory 25 %, event loop at most 12.3 ms late, 2 open streams',
    );
  });

  it.each<[SseConnectionState, string]>([
    [{ phase: 'connecting', attempt: 1 }, 'connecting'],
    [{ phase: 'open', status: 200, headers: {} }, 'open: status 200'],
    [
      { phase: 'waiting', delayMs: 2345, outcome: { kind: 'end', attempt: 1, willRetry: true, status: 200 } },
      'lost (end), trying again in 2.3 s',
    ],
    [
      { phase: 'waiting', delayMs: 500, outcome: { kind: 'http', attempt: 1, willRetry: true, status: 503 } },
      'lost (status 503), trying again in 0.5 s',
    ],
    [
      {
        phase: 'waiting',
        delayMs: 500,
        outcome: { kind: 'network', attempt: 1, willRetry: true, error: new Error('refused') },
      },
      'lost (refused), trying again in 0.5 s',
    ],
    [{ phase: 'closed', error: new Error('gone for good') }, 'closed: gone for good'],
    [{ phase: 'closed' }, 'closed'],
  ])('tells the state %p', (state, line) => expect(describeState(state)).toBe(line));

  it('tells what was resumed, and what is gone', () => {
    const resumed = new ReceivedMessage('resumed', '{"since":"7","count":1}', '7');
    expect(describeMessage(resumed)).toBe('resumed: 1 sample replayed since id 7');
    const gap = new ReceivedMessage('gap', '{"lastEventId":"7","reason":"expired","count":3}', '9');
    expect(describeMessage(gap)).toBe('gap: what followed id 7 is gone (expired), 3 kept samples replayed');
  });
});
