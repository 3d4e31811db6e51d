import { expect, it } from '@jest/globals';
import { CarriedCount } from './carried-count.js';

it('CarriedCount brings what a count has grown by, and tells of nothing too', () => {
  const added: [number, unknown][] = [];
  let count = 3;
  const carried = new CarriedCount({ add: (by, attributes) => added.push([by, attributes]) }, () => count, { a: 'b' });
  carried.carry();
  carried.carry();
  count = 10;
  carried.carry();
  expect(added).toEqual([
    [3, { a: 'b' }],
    [0, { a: 'b' }],
    [7, { a: 'b' }],
  ]);
});
