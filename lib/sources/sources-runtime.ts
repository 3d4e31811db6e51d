import type { ModulesContainer } from '@nestjs/core';
import { SseOptionsError } from '../protocol/index.js';
import { SseReceiverService, type SseSubscription } from '../receiver/index.js';
import { findHandlers, type HandlerSearch } from './find-handlers.js';
import { type OpenSource, openSources } from './open-sources.js';
import { SseRootMissingError } from './root-missing.error.js';
import type { SourceHandler } from './source-handler.js';
import { SourceLog } from './source-log.js';
import { SourceRunner } from './source-runner.js';
import { SseSourcesNotReadyError } from './sources-not-ready.error.js';
import { SseUnknownSourceError } from './unknown-source.error.js';

const END_HOOK = Symbol('nestjs-event-stream.sources-end');

const runtimes = new WeakMap<ModulesContainer, SourcesRuntime>();

/**
 * The sources of one application, whichever of its modules they are from, and what runs them. Whoever is first does what
 * is to be done once: an application may hold `SseModule` several times.
 */
export class SourcesRuntime {
  private readonly declared: unknown[] = [];
  /** One of our own: Nest would close the one that it provides while handlers are still in the middle of something. */
  private readonly receiver = new SseReceiverService();
  private hasRoot = false;
  private opened: ReadonlyMap<string, OpenSource> | undefined;
  private runners: readonly SourceRunner[] = [];
  private begun = false;

  static of(application: ModulesContainer): SourcesRuntime {
    const runtime = runtimes.get(application) ?? new SourcesRuntime();
    runtimes.set(application, runtime);
    return runtime;
  }

  /** Adds what `SseModule` itself has. */
  declareRoot(sources: unknown): this {
    this.hasRoot = true;
    return sources === undefined ? this : this.declare(sources);
  }

  /** Adds what a feature module has. */
  declare(sources: unknown): this {
    if (this.opened) {
      const problem = 'come too late, after the start: a module that is loaded lazily cannot have any';
      throw new SseOptionsError([{ option: 'sources', problem }]);
    }
    this.declared.push(sources);
    return this;
  }

  assertRoot(): void {
    if (!this.hasRoot) throw new SseRootMissingError();
  }

  /** Checks all sources and handlers. Nothing is connected yet. */
  open(search: HandlerSearch, random: () => number = Math.random): void {
    if (this.opened) return;
    const opened = openSources(this.declared, this.receiver);
    const { handlers, hosts } = findHandlers(search);
    for (const { source, name } of handlers) {
      if (!opened.has(source)) throw new SseUnknownSourceError(source, [...opened.keys()], name);
    }
    this.opened = opened;
    this.runners = [...opened.values()].flatMap((source) => runnerOf(source, handlers, random));
    for (const host of hosts) {
      // Nest destroys a module before those that it imports, and global ones like ours last: handlers must be done
      // before what they work with is gone.
      host.addProvider({ provide: END_HOOK, useValue: { onModuleDestroy: () => this.end() } });
    }
  }

  begin(): void {
    if (this.begun) return;
    this.begun = true;
    for (const runner of this.runners) runner.begin();
  }

  /** May be called any number of times. */
  async end(): Promise<void> {
    await Promise.all(this.runners.map((runner) => runner.end()));
    await this.receiver.onModuleDestroy();
  }

  get names(): string[] {
    return [...this.known().keys()];
  }

  get(name: string): SseSubscription {
    const source = this.known().get(name);
    if (!source) throw new SseUnknownSourceError(name, this.names);
    return source.subscription;
  }

  private known(): ReadonlyMap<string, OpenSource> {
    if (!this.opened) throw new SseSourcesNotReadyError();
    return this.opened;
  }
}

function runnerOf(source: OpenSource, handlers: readonly SourceHandler[], random: () => number): SourceRunner[] {
  const log = new SourceLog(source.name);
  const own = handlers.filter((handler) => handler.source === source.name);
  if (own.length > 0) return [new SourceRunner(source, own, { log, random })];
  log.unused();
  return [];
}
