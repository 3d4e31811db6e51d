import { describe, expect, it } from '@jest/globals';
import { plot } from '../../bench/plot.mjs';
import { logScale } from '../../bench/plot-scale.mjs';

const PIXELS = { from: 0, to: 1000 };

describe('a logarithmic axis', () => {
  it('puts equal ratios at equal distances', () => {
    const { at } = logScale([1, 10_000], PIXELS);
    expect(at(10) - at(1)).toBeCloseTo(at(10_000) - at(1000), 6);
    expect(at(1)).toBeGreaterThan(PIXELS.from);
    expect(at(10_000)).toBeLessThan(PIXELS.to);
  });

  it('names powers of ten where there are many, and their doubles and halves where there are few', () => {
    expect(logScale([100, 100_000_000], PIXELS).ticks).toEqual([1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8]);
    expect(logScale([0.3, 9], PIXELS).ticks).toEqual([0.5, 1, 2, 5]);
  });

  it('spans a factor of ten at least, so that noise does not look like growth', () => {
    const { at } = logScale([7, 7.7], PIXELS);
    expect(at(7.7) - at(7)).toBeCloseTo(1000 * Math.log10(1.1), 6);
    expect(at(7) - PIXELS.from).toBeCloseTo(PIXELS.to - at(7.7), 6);
  });

  it.each([0, -1, Number.NaN])('refuses %s, for which it has no place', (value) => {
    expect(() => logScale([1, value], PIXELS)).toThrow('not above zero');
  });
});

describe('a plot', () => {
  const lines = [
    {
      name: 'ours <3',
      points: [
        [100, 7],
        [1000, 7.5],
        [10_000, 8],
      ] as [number, number][],
    },
    {
      name: 'theirs',
      points: [
        [100, 20],
        [1000, 30],
      ] as [number, number][],
    },
  ];
  const axes = { x: { label: 'streams & more' }, y: { label: 'µs', name: (value: number) => `${value} µs` } };

  it('has its words as text, and every point of each line as a mark of that line, and one more in the legend', () => {
    const svg = plot({ title: 'As streams "grow"', ...axes, lines });
    for (const words of [
      'As streams &quot;grow&quot;',
      'streams &amp; more',
      'ours &lt;3',
      'theirs',
      '1,000',
      '10 µs',
    ]) {
      expect(svg).toContain(`>${words}</text>`);
    }
    expect(svg.match(/<circle /g)).toHaveLength(4);
    expect(svg.match(/<polygon /g)).toHaveLength(3);
  });

  it('draws more to the right, and what costs more higher up', () => {
    const svg = plot({ title: '', ...axes, lines });
    const [, ours] = /c0" points="([^"]*)"/.exec(svg)!;
    const places = ours!.split(' ').map((place) => place.split(',').map(Number));
    expect(places.map(([x]) => x)).toEqual(places.map(([x]) => x).toSorted((a, b) => a! - b!));
    expect(places.map(([, y]) => y)).toEqual(places.map(([, y]) => y).toSorted((a, b) => b! - a!));
  });

  it('has other colours on a dark page', () => {
    expect(plot({ title: '', ...axes, lines })).toContain('@media (prefers-color-scheme: dark)');
  });

  it('refuses more lines than can be told apart', () => {
    const line = { name: '', points: [[1, 1]] as [number, number][] };
    expect(() => plot({ title: '', ...axes, lines: Array(5).fill(line) })).toThrow('at most 4 lines');
  });
});
