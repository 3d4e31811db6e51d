import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeWithRedis, redisUrl } from '../redis/support/redis-describe.js';
import { applicationOptions, nest11, nest12 } from './nest-versions.js';
import { Consumer } from './support/consumer.js';
import { packInto } from './support/pack.js';
import { registryOrWarning } from './support/registry.js';
import { run } from './support/run.js';

jest.setTimeout(300_000);

const checkout = join(import.meta.dirname, '..', '..');
const describeOnline = (await registryOrWarning(checkout)) ? describeWithRedis : describe.skip;

describeOnline('the packed package, for Redis', () => {
  let folder: string;
  let tarball: string;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'nestjs-event-stream-redis-'));
    [tarball, url] = await Promise.all([packInto(folder, checkout), redisUrl()]);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe.each([
    ['oldest', nest11, { ioredis: '5.4.0', redis: '5.0.0' }],
    ['newest', nest12, { ioredis: '^6.0.0', redis: '^6.0.0' }],
  ])('with the %s clients', (name, nest, clients) => {
    let consumer: Consumer;

    beforeAll(async () => {
      const dependencies = { ...nest.dependencies, ...clients, 'nestjs-event-stream': `file:${tarball}` };
      consumer = await Consumer.install(join(folder, name), dependencies);
    });

    it.each(['module', 'commonjs'] as const)(
      'is compiled, runs and exits in an application of type %s',
      async (type) => {
        const app = await consumer.app(type, {
          packageJson: { private: true, type },
          compilerOptions: { ...applicationOptions, ...nest.modules[type] },
          sources: { 'main.ts': join(import.meta.dirname, 'apps', 'redis-clients.ts') },
        });
        await consumer.tool('typescript/bin/tsc', [], app);
        expect(await run(process.execPath, ['dist/main.js', url], app)).toBe('ioredis: got it\nredis: got it\n');
      },
    );
  });
});
