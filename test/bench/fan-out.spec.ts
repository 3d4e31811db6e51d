import { describe, expect, it } from '@jest/globals';
import { QUICK_SHAPES, SHAPES, titleOf } from '../../bench/fan-out-shapes.mjs';
import { BARE, CPU, FLOOR, STALL, targetsOf } from '../../bench/fan-out-targets.mjs';

const ALL = ['ours', 'better-sse', 'better-sse batched', 'Nest, Express', 'Nest, Fastify', BARE, FLOOR];

describe('the shapes of the fan-out benchmark', () => {
  it('are told apart by their titles', () => {
    expect(titleOf({ streams: 10_000, burst: 1, bytes: 1024 })).toBe('10,000 streams, bursts of 1, 1,024 B');
    expect(new Set(SHAPES.map(titleOf)).size).toBe(SHAPES.length);
  });

  it('always have ours and bare, and what is left out is a subject', () => {
    for (const { without = [] } of [...SHAPES, ...QUICK_SHAPES]) {
      expect(ALL).toEqual(expect.arrayContaining(without));
      expect(without).not.toContain(BARE);
      expect(without).not.toContain('ours');
    }
  });
});

describe('the targets of the fan-out benchmark', () => {
  it('bound ours by bare and by the floor, and the peers by ours', () => {
    expect(targetsOf({ streams: 10_000, burst: 10, bytes: 100 }, ALL)).toEqual([
      { figure: CPU, of: 'ours', over: BARE, most: 0.4 },
      { figure: CPU, of: 'ours', over: FLOOR, most: 2 },
      { figure: CPU, of: 'better-sse', over: 'ours', least: 5, smoke: true },
      { figure: CPU, of: 'Nest, Express', over: 'ours', least: 20, smoke: true },
      { figure: CPU, of: 'Nest, Fastify', over: 'ours', least: 20, smoke: true },
      { figure: STALL, of: 'ours', over: BARE, most: 0.1 },
    ]);
  });

  it('ask for less where there is one message at a time, and say nothing of stalls of few streams', () => {
    expect(targetsOf({ streams: 1000, burst: 1, bytes: 100 }, ['ours', 'better-sse', BARE, FLOOR])).toEqual([
      { figure: CPU, of: 'ours', over: BARE, most: 0.75 },
      { figure: CPU, of: 'ours', over: FLOOR, most: 1.5 },
      { figure: CPU, of: 'better-sse', over: 'ours', least: 1.5, smoke: true },
    ]);
  });

  it('are only about subjects that take part', () => {
    expect(targetsOf({ streams: 300, burst: 10, bytes: 100 }, ['ours', BARE])).toEqual([]);
  });
});
