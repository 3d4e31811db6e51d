import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledApps } from '../pusher/support/compiled-app.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { frame } from './support/source-app.js';

const program = (url: string) => `
  import 'reflect-metadata';
  import { Injectable, Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { OnSseEvent, SseModule } from './lib/index.js';

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', { attempts: 5 })
    any({ event }) {
      if (event === 'last') throw new Error('tried again for long');
    }
    @OnSseEvent('billing', 'last')
    last() {
      console.log('at work');
    }
  }

  @Module({
    imports: [SseModule.forRoot({ sources: { billing: { url: '${url}' }, unused: { url: '${url}' } } })],
    providers: [Invoices],
  })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  process.stdout.write('0\\n');
  process.once('SIGUSR2', () => app.close());
`;

describe('a process without an HTTP server that follows a source', () => {
  let apps: CompiledApps;
  let server: ScriptedServer;

  beforeAll(async () => {
    apps = await CompiledApps.build();
    server = await ScriptedServer.start(stream(frame(1, 'first'), frame(2, 'last')));
  }, 30_000);

  afterAll(async () => {
    await apps.remove();
    await server.close();
  });

  it('exits by itself after app.close(), in the middle of a message', async () => {
    const app = await apps.start('sources', program(server.url));
    await app.untilOutput(/at work/);
    app.signal('SIGUSR2');
    expect(await app.untilExit()).toBe(0);
    expect(app.output).toBe('0\nat work\n');
  });
});
