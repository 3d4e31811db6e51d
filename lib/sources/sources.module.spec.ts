import { describe, expect, it } from '@jest/globals';
import type { ModulesContainer } from '@nestjs/core';
import { SourcesModule } from './sources.module.js';
import type { SourcesRuntime } from './sources-runtime.js';

describe('the module of the sources', () => {
  const construct = (...modules: object[]) =>
    new SourcesModule(
      {} as SourcesRuntime,
      new Map(modules.map((module) => [{}, module])) as never as ModulesContainer,
    );

  it('puts itself nearer to the root than the root module, which has 1, and no other module', () => {
    const own = { metatype: SourcesModule, distance: 3 };
    const other = { metatype: class {}, distance: 3 };
    construct(other, own);
    expect([own.distance, other.distance]).toEqual([0, 3]);
  });

  it('does without where Nest does not let it', () => {
    const fixed = Object.freeze({ metatype: SourcesModule, distance: 3 });
    expect(() => construct(fixed)).not.toThrow();
  });
});
