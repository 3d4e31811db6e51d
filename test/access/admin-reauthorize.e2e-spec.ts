import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type CanActivate, type ExecutionContext, Injectable, Module } from '@nestjs/common';
import { SseAdminModule, SseStreamRegistry } from '../../lib/index.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';

@Injectable()
class Operators {
  readonly names = new Set(['ann', 'bob']);
}

@Module({ providers: [Operators], exports: [Operators] })
class OperatorsModule {}

@Injectable()
class OperatorGuard implements CanActivate {
  constructor(private readonly operators: Operators) {}

  canActivate(context: ExecutionContext): boolean {
    return this.operators.names.has(context.switchToHttp().getRequest().headers['x-operator']);
  }
}

const refuses: CanActivate = { canActivate: () => false };

describe.each(PLATFORMS)('the live view of operators on %s', (platform) => {
  let app: TestApp;

  beforeEach(async () => {
    stopClock();
    app = await startApp(platform, {
      imports: [SseAdminModule.forRoot({ guards: [OperatorGuard], imports: [OperatorsModule] })],
      // Of users: it is not asked about operators.
      sse: { pingMs: 0, reauthorize: { everyMs: 1000, guards: [refuses] } },
    });
  });

  afterEach(async () => {
    await app.close();
    jest.useRealTimers();
  });

  it('ends when its operator is no longer one, and that of another one stays', async () => {
    const look = (operator: string) => openRaw(app.port, '/admin/sse/live', { headers: { 'X-Operator': operator } });
    const [ann, bob] = [await look('ann'), await look('bob')];
    await Promise.all([ann, bob].map((view) => view.untilText('event: summary')));
    await jest.advanceTimersByTimeAsync(62_000);
    expect(app.app.get(SseStreamRegistry).count).toBe(2);

    app.app.get(Operators, { strict: false }).names.delete('ann');
    await jest.advanceTimersByTimeAsync(62_000);
    await ann.untilEnd();
    expect(app.app.get(SseStreamRegistry).closedCounts()).toEqual(new Map([['revoked', 1]]));
    expect((await look('ann')).status).toBe(403);
    bob.leave();
  });
});
