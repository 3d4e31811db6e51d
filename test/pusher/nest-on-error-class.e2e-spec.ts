import { describe, expect, it } from '@jest/globals';
import { Controller, Injectable } from '@nestjs/common';
import { concat, of, throwError } from 'rxjs';
import { type SseErrorHandler, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

@Injectable()
class Apology implements SseErrorHandler {
  onError = (error: unknown) => ({ event: 'sorry', data: (error as Error).message });
}

@Controller()
class FailingController {
  @SseStream('failing')
  failing() {
    return concat(
      of('first'),
      throwError(() => new Error('broken')),
    );
  }
}

describe.each(PLATFORMS)('an injectable onError for the whole module on %s', (platform) => {
  it('may have its method as a property', async () => {
    const parts = { sse: { onError: Apology }, controllers: [FailingController], providers: [Apology] };
    const app = await startApp(platform, parts);
    const { text } = await readRaw(app.port, '/failing');
    expect(text).toContain('event: sorry\ndata: broken\n\n');
    await app.close();
  });

  it('is missed at start-up when nobody provides it', async () => {
    const start = startApp(platform, { sse: { onError: Apology }, controllers: [FailingController] });
    await expect(start).rejects.toThrow('Apology');
  });
});
