import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Inject, Injectable, type ModuleMetadata, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  OnSseEvent,
  type SseDeadLetters,
  SseHandlerScopeError,
  SseModule,
  SseOptionsError,
  type SseSourceOptions,
  SseUnknownSourceError,
} from '../../lib/index.js';
import { failureOf } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { startModules, startSources } from './support/source-app.js';

class Letters implements SseDeadLetters {
  deadLetter() {}
}

describe('an application with sources does not start', () => {
  let server: ScriptedServer;
  let billing: SseSourceOptions;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream());
    billing = { url: server.url };
  });

  afterEach(async () => {
    expect(server.requests).toEqual([]);
    await server.close();
  });

  const start = (metadata: ModuleMetadata) => startSources({ billing, 'shop.eu': billing }, metadata);

  it('when a method is of a request-scoped class', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Invoices {
      @OnSseEvent('billing')
      any() {}
    }
    const error = await failureOf(start({ providers: [Invoices] }));
    expect(error).toBeInstanceOf(SseHandlerScopeError);
    expect(error).toMatchObject({ code: 'SSE_HANDLER_SCOPE', className: 'Invoices', method: 'any' });
    expect(error.message).toBe(
      'Invoices.any has @OnSseEvent(), but Invoices is request-scoped, itself or by what it injects, and events belong ' +
        'to no request. Give the class the default scope, and get what is request-scoped with ModuleRef.resolve() in the method.',
    );
  });

  it('when a method is of a class that is request-scoped by what it injects', async () => {
    @Injectable()
    class Tenant {
      constructor(@Inject(REQUEST) readonly request: unknown) {}
    }
    @Controller()
    class Invoices {
      constructor(@Inject(Tenant) readonly tenant: Tenant) {}
      @OnSseEvent('billing')
      any() {}
    }
    const error = await failureOf(start({ providers: [Tenant], controllers: [Invoices] }));
    expect(error).toBeInstanceOf(SseHandlerScopeError);
    expect(error.message).toMatch(/^Invoices\.any has .* request-scoped/);
  });

  it('when a method is of a transient class', async () => {
    @Injectable({ scope: Scope.TRANSIENT })
    class Invoices {
      @OnSseEvent('billing')
      any() {}
    }
    @Injectable()
    class Consumer {
      constructor(@Inject(Invoices) readonly invoices: Invoices) {}
    }
    const error = await failureOf(start({ providers: [Invoices, Consumer] }));
    expect(error).toBeInstanceOf(SseHandlerScopeError);
    expect(error.message).toMatch(/^Invoices\.any has .* is transient/);
  });

  it('when a method asks for a source that does not exist', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('biling', 'invoice.paid')
      paid() {}
    }
    const error = await failureOf(start({ providers: [Invoices] }));
    expect(error).toBeInstanceOf(SseUnknownSourceError);
    expect(error).toMatchObject({ code: 'SSE_UNKNOWN_SOURCE', source: 'biling', names: ['billing', 'shop.eu'] });
    expect(error.message).toBe(
      'Invoices.paid handles events of a source that does not exist: "biling". Sources that exist: "billing", "shop.eu". ' +
        'Add it to the sources of SseModule.forRoot() or SseModule.forFeature().',
    );
  });

  it('when nobody provides the class for dead letters', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { onFailure: Letters })
      any() {}
    }
    const error = await failureOf(start({ providers: [Invoices] }));
    expect(error).toBeInstanceOf(SseOptionsError);
    expect(error.message).toMatch(
      /'onFailure' of @OnSseEvent\(\) on Invoices\.any is the class Letters, which no module/,
    );
  });

  it('when the class for dead letters is request-scoped', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class ScopedLetters extends Letters {}
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { onFailure: ScopedLetters })
      any() {}
    }
    const error = await failureOf(start({ providers: [Invoices, ScopedLetters] }));
    expect(error.problems).toEqual([{ option: 'onFailure', problem: expect.stringContaining('ScopedLetters') }]);
  });

  it('when sources cannot be used, and names every problem of every module at once', async () => {
    const imports = [
      SseModule.forFeature({
        sources: {
          billing,
          shop: { url: 'ftp://example.com', name: 'x', stopTimeoutMs: -1 } as SseSourceOptions,
          '': billing,
          none: undefined as unknown as SseSourceOptions,
        },
      }),
      SseModule.forFeatureAsync({ useFactory: () => ({ sources: [] as never }) }),
    ];
    const bad = { ...billing, retry: { baseMs: -1 }, stoptimeout: 1 } as SseSourceOptions;
    const error = await failureOf(startSources({ billing: bad, shop: billing }, { imports }));
    expect(error).toBeInstanceOf(SseOptionsError);
    const problems = error.problems.map(({ option, problem }: Record<string, string>) => `${option} ${problem}`);
    expect(problems.sort()).toEqual([
      'sources must be an object of sources by name, got an array',
      'sources. must have a name',
      'sources.billing is there twice: give one of the two another name',
      expect.stringMatching(/^sources\.billing\.retry\.baseMs must be a number of milliseconds/),
      expect.stringMatching(/^sources\.billing\.stoptimeout is not an option; known are /),
      'sources.none must be an object with a url, got undefined',
      'sources.shop is there twice: give one of the two another name',
      'sources.shop.name is not an option: the name is the key of the source',
      'sources.shop.stopTimeoutMs must be a number of milliseconds from 0 to 2147483647, got -1',
      'sources.shop.url must be a URL of http or https, got ftp:',
    ]);
  });

  it('when a feature has something else than sources', async () => {
    expect(() => SseModule.forFeature({ sources: {}, pingMs: 1 } as never)).toThrow(/'pingMs' is not an option/);
    expect(() => SseModule.forFeature(undefined as never)).toThrow(/must be an object, got undefined/);
    const imports = [SseModule.forFeatureAsync({ useFactory: () => 1 as never })];
    const error = await failureOf(startSources({}, { imports }));
    expect(error.message).toMatch(/must be an object, got 1/);
  });

  it('when a feature has sources and the root module runs none', async () => {
    const error = await failureOf(startModules({ imports: [SseModule.forFeature({ sources: { billing } })] }));
    expect(error).toMatchObject({ code: 'SSE_ROOT_MISSING', name: 'SseRootMissingError' });
    expect(error.message).toContain('import SseModule.forRoot() in the root module');
  });
});
