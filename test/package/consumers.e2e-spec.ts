import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { compilerTemplates, jestTemplate, readmeLine } from './jest-template.js';
import { applicationOptions, type NestVersion, nest11, nest12 } from './nest-versions.js';
import { Consumer } from './support/consumer.js';
import { listTarball, packInto } from './support/pack.js';
import { rawGet } from './support/raw-get.js';
import { registryOrWarning } from './support/registry.js';
import { run } from './support/run.js';
import { RunningApp } from './support/running-app.js';

const INSTALL_TIMEOUT_MS = 300_000;
jest.setTimeout(INSTALL_TIMEOUT_MS); // what is compiled and started shares its cores with other suites

const checkout = join(import.meta.dirname, '..', '..');
const sources = join(import.meta.dirname, 'apps');
const describeOnline = (await registryOrWarning(checkout)) ? describe : describe.skip;

describeOnline('the packed package', () => {
  let folder: string;
  let tarball: string;
  const consumers = new Map<NestVersion, Promise<Consumer>>();

  /** One install for each Nest major, whoever asks first. */
  const consumerOf = (nest: NestVersion): Promise<Consumer> => {
    const dependencies = { ...nest.dependencies, 'nestjs-event-stream': `file:${tarball}` };
    const consumer = consumers.get(nest) ?? Consumer.install(join(folder, `nest-${nest.major}`), dependencies);
    consumers.set(nest, consumer);
    return consumer;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(await realpath(tmpdir()), 'nestjs-event-stream-'));
    tarball = await packInto(folder, checkout);
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds the build and its papers, but neither sources nor specs', async () => {
    const files = await listTarball(tarball);
    expect(files).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md']));
    expect(files).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/index.d.ts',
        ...['protocol', 'redis', 'openapi', 'opentelemetry', 'terminus', 'testing'].map(
          (room) => `dist/${room}/index.d.ts`,
        ),
      ]),
    );
    const expected = /^(dist\/.+\.(js|d\.ts|js\.map)|docs\/.+\.(md|svg)|[A-Z]+(\.md)?|package\.json)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
    expect(files.filter((file) => /\bspec\b/.test(file))).toEqual([]);
  });

  it('holds the pages that its README leads to', async () => {
    const readme = await readFile(join(checkout, 'README.md'), 'utf8');
    const pages = [...readme.matchAll(/\]\((docs\/[^)#]+)/g)].map(([, page]) => page);
    expect(pages).not.toEqual([]);
    expect(await listTarball(tarball)).toEqual(expect.arrayContaining(pages));
  });

  describe.each([nest12, nest11])('in applications of Nest $major', (nest) => {
    let consumer: Consumer;

    beforeAll(async () => {
      consumer = await consumerOf(nest);
    }, INSTALL_TIMEOUT_MS);

    describe.each(['module', 'commonjs'] as const)('of type %s', (type) => {
      let app: string;

      beforeAll(async () => {
        app = await consumer.app(type, {
          packageJson: { private: true, type },
          compilerOptions: { ...applicationOptions, ...nest.modules[type] },
          sources: {
            'main.ts': join(sources, 'streaming-app.ts'),
            'no-redis-client.ts': join(sources, 'no-redis-client.ts'),
            'no-opentelemetry.ts': join(sources, 'no-opentelemetry.ts'),
            'test-kit.ts': join(sources, 'test-kit.ts'),
          },
        });
        await consumer.tool('typescript/bin/tsc', [], app);
      });

      it('says what the url of a Redis needs where no client is installed', async () => {
        expect(await run(process.execPath, ['dist/no-redis-client.js'], app)).toBe(
          "Bad options: 'url' needs the package ioredis: npm install ioredis, or give a client instead\n",
        );
      });

      it('runs without OpenTelemetry where that is asked for and not installed, and says so once', async () => {
        expect(await run(process.execPath, ['dist/no-opentelemetry.js'], app)).toBe(
          'The package @opentelemetry/api is not installed: nothing is measured, and nothing is traced\n',
        );
      });

      it('brings a test kit that needs no test runner', async () => {
        expect(await run(process.execPath, ['dist/test-kit.js'], app)).toBe('pushed: 1\nstreamed: 1\nreceived: 1\n');
      });

      describe.each(['express', 'fastify'])('on %s', (platform) => {
        let running: RunningApp;

        beforeAll(async () => {
          running = await RunningApp.start('dist/main.js', [platform], app);
        });

        afterAll(() => running?.kill());

        it('streams two messages', async () => {
          const response = await rawGet(`${running.url}/ticks`);
          expect(response.status).toBe(200);
          expect(response.contentType).toBe('text/event-stream; charset=utf-8');
          expect(await response.dataFrames(2)).toEqual(['id: 1\ndata: {"tick":1}', 'id: 2\ndata: {"tick":2}']);
          response.leave();
        });

        it.each([
          ['the 403 of a guard', 'forbidden', 403],
          ['the 404 that its handler throws later', 'missing', 404],
        ])('answers %s before a stream opens', async (_, path, status) => {
          const response = await rawGet(`${running.url}/${path}`);
          expect(response.status).toBe(status);
          expect(JSON.parse(await response.body())).toMatchObject({ statusCode: status });
        });

        it('reads a stream with the receiver', async () => {
          const response = await rawGet(`${running.url}/received`);
          expect(JSON.parse(await response.body())).toEqual(['1', '2']);
        });

        it('encodes a message with the codec', async () => {
          const response = await rawGet(`${running.url}/frame`);
          expect(await response.body()).toBe('id: 7\ndata: low level\n\n');
        });

        it('closes with an open stream, and the process exits by itself', async () => {
          const response = await rawGet(`${running.url}/ticks`);
          await response.dataFrames(2);
          running.askToClose();
          await response.ended;
          expect(response.complete).toBe(true);
          expect(await running.exit).toEqual({ code: 0, signal: null });
        });

        it('printed no error and no warning', () => {
          expect(running.stderr()).toBe('');
        });
      });
    });
  });

  describe('under the Jest setup of a CommonJS application of Nest 11', () => {
    it.each(Object.entries(compilerTemplates))('is tested with one more line: %s', async (name, compilerOptions) => {
      const consumer = await consumerOf(nest11);
      const app = await consumer.app(name, {
        packageJson: { private: true, jest: { ...jestTemplate, ...JSON.parse(`{${readmeLine}}`) } },
        compilerOptions,
        sources: { 'ticks.controller.spec.ts': join(sources, 'template-spec.ts') },
      });
      expect(await consumer.tool('jest/bin/jest.js', [], app)).toMatch(/^Tests: +3 passed, 3 total$/m);
    });

    it('finds that line in the README', async () => {
      expect(await readFile(join(checkout, 'README.md'), 'utf8')).toContain(readmeLine);
    });
  });
});
