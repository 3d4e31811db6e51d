import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { measuredOn } from '../../bench/suite/machine.mjs';

const require = createRequire(import.meta.url);

describe('what a benchmark was measured on', () => {
  const text = measuredOn(new Date('2026-05-04T23:59:00Z'), 130);

  it('has the date, the minutes that it took, and the version of Node', () => {
    expect(text).toMatch(
      new RegExp(`^Measured on 2026-05-04 in 2 min: Node ${process.version}, \\d+ cores \\(.+\\), \\d+ GiB`),
    );
  });

  it.each(['@nestjs/core', 'eventsource-client', 'redis'])('has the version of %s that is installed', (name) => {
    const { version } = require(`${name}/package.json`);
    expect(text).toMatch(new RegExp(`[;,] ${name} ${version.replaceAll('.', '\\.')}[,.]`));
  });

  it('has the version of the parser that is compared, which is that of eventsource', () => {
    const { version } = createRequire(require.resolve('eventsource'))('eventsource-parser/package.json');
    expect(text).toContain(`eventsource-parser ${version}.`);
  });
});
