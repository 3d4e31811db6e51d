import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { announce } from './announce.js';
import { AppModule } from './app.module.js';
import { reportToCluster } from './cluster/report-to-cluster.js';
import { explainListening } from './explain-listening.js';
import { SamplerService } from './machine/sampler.service.js';
import { PAGE_HEADERS } from './page-headers.js';
import type { Settings } from './settings.js';
import { WatcherService } from './watcher/watcher.service.js';

const PAGE = fileURLToPath(new URL('../public', import.meta.url));

/** @throws Error, with one line to show, when the port cannot be had */
export async function serve(settings: Settings): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(settings), { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  app.disable('x-powered-by');
  app.useStaticAssets(PAGE, { setHeaders: (response) => response.set(PAGE_HEADERS) });
  await app.init();
  await listen(app, settings);
  app.get(SamplerService).start();
  const url = await app.getUrl();
  announce(url);
  reportToCluster(url);
  app.get(WatcherService).watch(`${url}/machine`);
}

async function listen(app: NestExpressApplication, { host, port }: Settings): Promise<void> {
  // Nest would log with a stack what is told here in one line.
  app.useLogger(false);
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw new Error(explainListening(error as NodeJS.ErrnoException, port, 'npm start'), { cause: error });
  }
  app.useLogger(['warn', 'error']);
}
