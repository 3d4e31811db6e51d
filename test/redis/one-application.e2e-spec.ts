import { expect, it } from '@jest/globals';
import { Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SseModule } from '../../lib/index.js';
import { redisBackplane } from '../../lib/redis/index.js';
import { describeWithRedis, redisUrl } from './support/redis-describe.js';

describeWithRedis('a Redis backplane that forRoot() was given', () => {
  async function start(AppModule: Type) {
    const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
    await app.init();
    return app;
  }

  it('serves one application at a time, and says how each gets its own', async () => {
    const url = await redisUrl();

    @Module({ imports: [SseModule.forRoot({ backplane: redisBackplane({ url, prefix: 'test:one-application' }) })] })
    class AppModule {}

    const first = await start(AppModule);
    await expect(start(AppModule)).rejects.toThrow(/serves an application already: .* useFactory of forRootAsync\(\)/);
    await first.close();
    await (await start(AppModule)).close();
  });
});
