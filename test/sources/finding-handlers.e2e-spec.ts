import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage, SseModule, SseSources } from '../../lib/index.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startModules, startSources } from './support/source-app.js';

describe('a method with @OnSseEvent()', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp | undefined;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first'), frame(2, 'last')));
    seen = new Arrivals();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await running?.close();
    running = undefined;
    await server.close();
  });

  async function start(metadata: ModuleMetadata): Promise<SourceApp> {
    running = await startSources({ billing: { url: server.url } }, metadata);
    return running;
  }

  /** Until a message counts as received, or the source has ended. */
  async function untilMoved(id: string): Promise<void> {
    const source = running!.source('billing');
    while (source.state !== 'closed' && source.lastEventId !== id) await new Promise(setImmediate);
  }

  it('takes a getter in the place of an inherited method for what it is', async () => {
    class Base {
      secret = 1;
      any() {}
    }
    class Derived extends Base {}
    Object.defineProperty(Derived.prototype, 'any', {
      get(this: Base) {
        return this.secret.toFixed();
      },
    });
    await expect(start({ providers: [{ provide: 'x', useValue: new Derived() }] })).resolves.toBeDefined();
  });

  it('calls each of two instances of a class that two modules provide', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'last')
      any({ event }: ReceivedMessage) {
        seen.add(event);
      }
    }
    @Module({ providers: [Invoices] })
    class A {}
    @Module({ providers: [Invoices] })
    class B {}
    await start({ imports: [A, B] });
    await untilMoved('2');
    expect(seen.all).toEqual(['last', 'last']);
  });

  it('is found on mixins, on the module class, and not lost by a wrapper that copies metadata', async () => {
    const Mixin = (name: string) => {
      class Mixed {
        @OnSseEvent('billing', 'last')
        any() {
          seen.add(`mixin ${name}`);
        }
      }
      return Mixed;
    };
    @Injectable()
    class A extends Mixin('a') {}
    @Injectable()
    class B extends Mixin('b') {}
    const wrapped: MethodDecorator = (_target, _key, descriptor: PropertyDescriptor) => {
      const inner = descriptor.value;
      descriptor.value = function (this: unknown, ...args: unknown[]) {
        return inner.apply(this, args);
      };
      for (const key of Reflect.getMetadataKeys(inner)) {
        Reflect.defineMetadata(key, Reflect.getMetadata(key, inner), descriptor.value);
      }
    };
    @Injectable()
    class C {
      @wrapped
      @OnSseEvent('billing', 'last')
      any() {
        seen.add('wrapped');
      }
    }
    @Module({ providers: [A, B, C] })
    class Feature {
      @OnSseEvent('billing', 'last')
      any() {
        seen.add('module');
      }
    }
    await start({ imports: [Feature] });
    await untilMoved('2');
    expect(seen.all.sort()).toEqual(['mixin a', 'mixin b', 'module', 'wrapped']);
  });

  it('is inherited once, and an override without the decorator takes it out', async () => {
    abstract class Base {
      @OnSseEvent('billing', 'last')
      inherited({ lastEventId }: ReceivedMessage) {
        seen.add(`inherited of ${this.constructor.name} ${lastEventId}`);
      }
      @OnSseEvent('billing', 'last')
      overridden() {
        seen.add('overridden');
      }
    }
    @Injectable()
    class Invoices extends Base {
      override overridden() {}
    }
    await start({ providers: [Invoices, { provide: 'alias', useExisting: Invoices }] });
    const response = await server.response(1);
    response.write(frame(5, 'last'));
    await seen.count(2);
    expect(seen.all).toEqual(['inherited of Invoices 2', 'inherited of Invoices 5']);
  });

  it('is found on what a factory or a value provides', async () => {
    class Invoices {
      constructor(private readonly name: string) {}
      @OnSseEvent('billing', 'last')
      last() {
        seen.add(this.name);
      }
    }
    await start({
      providers: [
        { provide: 'factory', useFactory: async () => new Invoices('factory') },
        { provide: 'value', useValue: new Invoices('value') },
        { provide: 'nothing', useValue: undefined },
        { provide: 'no prototype', useValue: Object.create(null) },
      ],
    });
    await seen.count(2);
    expect(seen.all.sort()).toEqual(['factory', 'value']);
  });

  it('has two applications at once, and one after the other, keep to themselves', async () => {
    class Invoices {
      @OnSseEvent('billing', 'last')
      any() {
        seen.add('last');
      }
    }
    const imports = [SseModule.forRoot({ sources: { billing: { url: server.url } } })];
    const [one, two] = await Promise.all([1, 2].map(() => startModules({ imports, providers: [Invoices] })));
    await seen.count(2);
    await one!.close();
    expect(two!.source('billing').state).toBe('open');
    await two!.close();
    const three = await startModules({ imports, providers: [Invoices] });
    await seen.count(3);
    await three.close();
    await three.close();
    expect(server.requests).toHaveLength(3);
    expect(three.app.get(SseSources).names()).toEqual(['billing']);
  });
});
