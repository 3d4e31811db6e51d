import { expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { OutageLog } from './outage-log.js';

it('an outage is told once, and its end once, however often it is met with', () => {
  const logger = new Logger();
  const error = jest.spyOn(logger, 'error').mockImplementation(() => {});
  const log = jest.spyOn(logger, 'log').mockImplementation(() => {});
  const outage = new OutageLog(logger, 'It is back');
  outage.worked();
  expect(log).not.toHaveBeenCalled();
  for (let n = 0; n < 3; n++) outage.failed('It is away');
  for (let n = 0; n < 3; n++) outage.worked();
  outage.failed('It is away again', 'at a.ts');
  expect(error.mock.calls).toEqual([['It is away'], ['It is away again', 'at a.ts']]);
  expect(log.mock.calls).toEqual([['It is back']]);
});
