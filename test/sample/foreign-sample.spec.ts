import { expect, it } from '@jest/globals';
import { SampleHistory } from '../../sample/src/machine/sample-history.js';
import { sampleOf } from './support/samples.js';

it('sees by an id between its own that a reader has come from another instance', () => {
  const history = new SampleHistory(10, 100);
  for (const id of [110, 120, 130]) history.append(sampleOf(id));
  expect([100, 105, 110, 125, 130].map((id) => history.gapAt(id))).toEqual([
    undefined,
    'foreign',
    undefined,
    'foreign',
    undefined,
  ]);
});
