import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DynamicModule, Inject, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { OnSseEvent, type ReceivedMessage, SseModule, SseSources, SseSubscription } from '../../lib/index.js';
import { failureOf, take } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startModules } from './support/source-app.js';

describe('sources of modules', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp | undefined;

  beforeEach(async () => {
    server = await ScriptedServer.start((response, request) => {
      stream(frame(1, 'event', request.url ?? ''))(response, request);
    });
    seen = new Arrivals();
  });

  afterEach(async () => {
    await running?.close();
    running = undefined;
    await server.close();
  });

  async function start(metadata: ModuleMetadata): Promise<SourceApp> {
    running = await startModules(metadata);
    return running;
  }

  const source = (path: string) => ({ url: `${server.origin}/${path}` });

  /** A module with sources and methods for them. */
  function feature(name: string, sources: DynamicModule): DynamicModule {
    @Injectable()
    class Handlers {
      @OnSseEvent(name)
      any({ data }: ReceivedMessage) {
        seen.add(`${name} ${data}`);
      }
    }
    return { module: class Feature {}, imports: [sources], providers: [Handlers] };
  }

  @Injectable()
  class Config {
    readonly sources = { configured: source('configured') };
  }

  @Module({ providers: [Config], exports: [Config] })
  class ConfigModule {}

  const roots: [string, () => DynamicModule][] = [
    ['forRoot', () => SseModule.forRoot({ sources: { root: source('root') } })],
    ['forRoot, not global', () => SseModule.forRoot({ isGlobal: false, sources: { root: source('root') } })],
    ['forRootAsync', () => SseModule.forRootAsync({ useFactory: async () => ({ sources: { root: source('root') } }) })],
  ];
  const orders: [string, (root: DynamicModule, features: DynamicModule[]) => DynamicModule[]][] = [
    ['before', (root, features) => [root, ...features]],
    ['after', (root, features) => [...features, root]],
  ];
  const cases = roots.flatMap(([form, root]) => orders.map(([order, arrange]) => ({ form, order, root, arrange })));

  it.each(cases)('are run together: $form imported $order its features', async ({ root, arrange }) => {
    const features = [
      feature('root', SseModule.forFeature({ sources: {} })),
      feature('plain', SseModule.forFeature({ sources: { plain: source('plain') } })),
      feature(
        'configured',
        SseModule.forFeatureAsync({
          imports: [ConfigModule],
          inject: [Config],
          useFactory: async ({ sources }: Config) => ({ sources }),
        }),
      ),
    ];
    await start({ imports: arrange(root(), features) });
    await seen.count(3);
    expect(seen.all.sort()).toEqual(['configured /configured', 'plain /plain', 'root /root']);
    expect(running?.app.get(SseSources).names().sort()).toEqual(['configured', 'plain', 'root']);
  });

  it('are run once where the module is imported several times', async () => {
    const imports = [
      SseModule.forRoot({ sources: { root: source('root'), unused: source('unused') } }),
      feature('root', { module: class Other {}, imports: [SseModule] }),
    ];
    await start({ imports });
    await seen.count(1);
    await running?.close();
    expect(seen.all).toEqual(['root /root']);
    expect(server.requests).toHaveLength(1);
    expect(running?.lines.of('warn')).toHaveLength(1);
  });

  it('are not connected without a method for them, with a warning', async () => {
    const { app, lines } = await start({ imports: [SseModule.forRoot({ sources: { root: source('root') } })] });
    expect(lines.of('warn')).toEqual(['Source "root" is not connected: no method has @OnSseEvent() for it']);
    expect(app.get(SseSources).get('root').state).toBe('idle');
    expect(server.requests).toEqual([]);
  });

  it('do not hold the start up', async () => {
    server.script(() => {});
    const root = SseModule.forRoot({ sources: { root: source('root') } });
    const { app } = await start({ imports: [root, feature('root', SseModule.forFeature({ sources: {} }))] });
    expect(app.get(SseSources).get('root').state).toBe('connecting');
    await server.response(1);
  });

  it('can be had by name, consumed, and are closed with the application', async () => {
    const { app } = await start({ imports: [SseModule.forRoot({ sources: { root: source('root') } })] });
    const subscription = app.get(SseSources).get('root');
    expect(subscription).toBeInstanceOf(SseSubscription);
    expect(await take(subscription, 1)).toMatchObject([{ data: '/root' }]);
    await app.close();
    expect(subscription.state).toBe('closed');
  });

  it('are told of where a name does not exist', async () => {
    const { app } = await start({ imports: [SseModule.forRoot({ sources: { root: source('root') } })] });
    expect(() => app.get(SseSources).get('rot')).toThrow(
      expect.objectContaining({
        code: 'SSE_UNKNOWN_SOURCE',
        source: 'rot',
        names: ['root'],
        message: expect.stringMatching(/^There is no source "rot"\. Sources that exist: "root"\./),
      }),
    );
  });

  it('are told of where there are none', async () => {
    const { app } = await start({ imports: [SseModule.forRoot()] });
    expect(app.get(SseSources).names()).toEqual([]);
    expect(() => app.get(SseSources).get('any')).toThrow('Sources that exist: none.');
  });

  it('cannot be had before all modules are there', async () => {
    @Injectable()
    class Early {
      constructor(@Inject(SseSources) sources: SseSources) {
        sources.names();
      }
    }
    const error = await failureOf(start({ imports: [SseModule.forRoot()], providers: [Early] }));
    expect(error).toMatchObject({ code: 'SSE_SOURCES_NOT_READY', name: 'SseSourcesNotReadyError' });
  });

  it('cannot come with a module that is loaded later', async () => {
    const { app } = await start({ imports: [SseModule.forRoot()] });
    const late = SseModule.forFeature({ sources: { late: source('late') } });
    const error = await failureOf(app.get(LazyModuleLoader).load(() => late));
    expect(error).toMatchObject({ code: 'SSE_OPTIONS', problems: [{ option: 'sources' }] });
    await app.get(LazyModuleLoader).load(() => SseModule.forRoot({ pingMs: 0 }));
  });

  it('takes a feature that two modules import by the same constant for one', async () => {
    const shared = SseModule.forFeature({ sources: { shared: { url: server.url } } });
    @Injectable()
    class Invoices {
      @OnSseEvent('shared')
      any() {
        seen.add('shared');
      }
    }
    @Module({ imports: [shared], providers: [Invoices] })
    class A {}
    @Module({ imports: [shared] })
    class B {}
    running = await startModules({ imports: [A, B, SseModule.forRoot()] });
    await seen.count(1);
    expect(server.requests).toHaveLength(1);
  });
});
