import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { applicationOptions, nest11, nest12 } from './nest-versions.js';
import { Consumer } from './support/consumer.js';
import { packInto } from './support/pack.js';
import { registryOrWarning } from './support/registry.js';
import { run } from './support/run.js';

jest.setTimeout(300_000);

const checkout = join(import.meta.dirname, '..', '..');
const describeOnline = (await registryOrWarning(checkout)) ? describe : describe.skip;

describeOnline('the packed package, for OpenAPI, Terminus and OpenTelemetry', () => {
  let folder: string;
  let tarball: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'nestjs-event-stream-integrations-'));
    tarball = await packInto(folder, checkout);
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe.each([
    ['oldest', nest11, { '@nestjs/swagger': '11.2.0', '@nestjs/terminus': '11.0.0', '@opentelemetry/api': '1.9.0' }],
    ['newest', nest12, { '@nestjs/swagger': '^12.0.0', '@nestjs/terminus': '^12.1.0', '@opentelemetry/api': '^1.9.0' }],
  ])('with the %s of all', (name, nest, integrations) => {
    let consumer: Consumer;

    beforeAll(async () => {
      const dependencies = { ...nest.dependencies, ...integrations, 'nestjs-event-stream': `file:${tarball}` };
      consumer = await Consumer.install(join(folder, name), dependencies);
    });

    it.each(['module', 'commonjs'] as const)(
      'is compiled, runs and exits in an application of type %s',
      async (type) => {
        const app = await consumer.app(type, {
          packageJson: { private: true, type },
          // Terminus has declarations for everything that it can check, installed or not.
          compilerOptions: { ...applicationOptions, ...nest.modules[type], skipLibCheck: true },
          sources: { 'main.ts': join(import.meta.dirname, 'apps', 'integrations.ts') },
        });
        await consumer.tool('typescript/bin/tsc', [], app);
        expect(await run(process.execPath, ['dist/main.js'], app)).toBe(
          'ClockTicksLapEvent ClockTicksNoteEvent ClockTicksTickEvent TickDto\nup\nmeasured by nestjs-event-stream\n',
        );
      },
    );
  });
});
