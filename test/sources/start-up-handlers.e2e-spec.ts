import { describe, expect, it } from '@jest/globals';
import { Controller, Injectable, Module, type ModuleMetadata, Scope } from '@nestjs/common';
import { OnSseEvent, SseOptionsError } from '../../lib/index.js';
import { failureOf } from '../receiver/support/consumers.js';
import { startSources } from './support/source-app.js';

describe('an application whose handlers cannot be used does not start', () => {
  const start = (metadata: ModuleMetadata) => startSources({ billing: { url: 'http://127.0.0.1:1' } }, metadata);

  it('and names all that is wrong with sources and methods at once', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Scoped {
      @OnSseEvent('billing')
      any() {}
    }
    @Injectable()
    class One {
      @OnSseEvent('biling')
      one() {}
    }
    @Controller()
    class Two {
      @OnSseEvent('bilinng')
      two() {}
    }
    const sources = { billing: { url: 'ftp://example.com' } };
    const providers = [Scoped, { provide: 'alias', useExisting: Scoped }, One];
    const error = await failureOf(startSources(sources, { providers, controllers: [Two] }));
    expect(error).toBeInstanceOf(SseOptionsError);
    expect(error.problems).toEqual([
      { option: 'sources.billing.url', problem: 'must be a URL of http or https, got ftp:' },
      { option: 'Scoped.any', problem: expect.stringMatching(/^has @OnSseEvent\(\), but Scoped is request-scoped/) },
      { option: 'One.one', problem: expect.stringMatching(/^handles events of a source .* "biling"\. .* "billing"\./) },
      { option: 'Two.two', problem: expect.stringMatching(/^handles events of a source .* "bilinng"\. /) },
    ]);
  });

  it('with a class for dead letters that two modules provide', async () => {
    @Injectable()
    class Letters {
      deadLetter() {}
    }
    @Module({ providers: [Letters] })
    class A {}
    @Module({ providers: [Letters] })
    class B {}
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { onFailure: Letters })
      any() {}
    }
    const error = await failureOf(start({ imports: [A, B], providers: [Invoices] }));
    expect(error.problems).toEqual([
      { option: 'onFailure', problem: expect.stringMatching(/Letters, which several modules/) },
    ]);
  });

  it('with a class for dead letters that has no such method', async () => {
    @Injectable()
    class Letters {}
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { onFailure: Letters as never })
      any() {}
    }
    const error = await failureOf(start({ providers: [Invoices, Letters] }));
    expect(error.problems).toEqual([
      { option: 'onFailure', problem: expect.stringMatching(/Letters, which must have a method/) },
    ]);
  });

  it('with what is durable, as with all that is made for requests', async () => {
    @Injectable({ scope: Scope.REQUEST, durable: true })
    class Invoices {
      @OnSseEvent('billing')
      any() {}
    }
    expect(await failureOf(start({ providers: [Invoices] }))).toMatchObject({ code: 'SSE_HANDLER_SCOPE' });
  });
});
