import { describe, expect, it } from '@jest/globals';
import { findGrantProblems } from './ticket-grant.js';

const GRANT = { path: '/orders/stream', subject: '7' };

describe('a grant', () => {
  it.each([
    GRANT,
    { ...GRANT, claims: {}, until: new Date(0) },
    { ...GRANT, claims: { a: 'x'.repeat(4088) }, until: 1 },
    { ...GRANT, claims: undefined, until: undefined },
  ])('may be %#', (grant) => {
    expect(findGrantProblems(grant)).toEqual([]);
  });

  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  it.each<[string, object]>([
    ['path', { path: '/a;b' }],
    ['path', { path: undefined }],
    ['subject', { subject: '' }],
    ['subject', { subject: 7 }],
    ['subject', { subject: 'x'.repeat(257) }],
    ['subject', { subject: undefined }],
    ['claims', { claims: [] }],
    ['claims', { claims: 'x' }],
    ['claims', { claims: { a: 'x'.repeat(4089) } }],
    ['claims', { claims: { a: 1n } }],
    ['claims', { claims: circular }],
    ['claims', { claims: { toJSON: () => undefined } }],
    ['until', { until: new Date(Number.NaN) }],
    ['until', { until: Number.POSITIVE_INFINITY }],
    ['until', { until: '2030' }],
    ['until', { until: null }],
    ['ttlMs', { ttlMs: 1 }],
  ])('must not have a bad %s: %#', (option, change) => {
    expect(findGrantProblems({ ...GRANT, ...change }).map((problem) => problem.option)).toEqual([option]);
  });

  it('names all that is missing, and must be an object', () => {
    expect(findGrantProblems({}).map(({ option, problem }) => `${option} ${problem}`)).toEqual([
      'path is missing',
      'subject is missing',
    ]);
    expect(findGrantProblems('x')).toHaveLength(1);
    expect(findGrantProblems(undefined)).toHaveLength(1);
  });
});
