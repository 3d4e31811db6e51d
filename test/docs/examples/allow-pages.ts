import type { INestApplication } from '@nestjs/common';

/** Lets pages of other origins open streams, with their cookies. Before `listen()`. */
export function allowPages(app: INestApplication, pages: string[]): void {
  app.enableCors({ origin: pages, credentials: true });
}
