import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { SseOptionsError } from '../protocol/index.js';
import { type ReceiverObserver, SseReceiverService, type SseSubscription } from '../receiver/index.js';
import type { InstancesOf } from './find-dead-letters.js';
import { findHandlers } from './find-handlers.js';
import { FollowedSource } from './followed-source.js';
import type { HandlerObserver } from './handler-observer.js';
import { LeasedSource } from './leased-source.js';
import { type OpenSource, openSources } from './open-sources.js';
import { SseRootMissingError } from './root-missing.error.js';
import type { RunningSource } from './running-source.js';
import type { SourceHandler } from './source-handler.js';
import type { SseSourceStatus } from './source-status.js';
import { SseSourcesNotReadyError } from './sources-not-ready.error.js';
import { StartUpProblems } from './start-up-problems.js';
import { SseUnknownSourceError } from './unknown-source.error.js';

/**
 * The sources of one application, whichever of its modules they are from, and what runs them. Whoever is first does what
 * is to be done once: an application may hold `SseModule` several times.
 */
@Injectable()
export class SourcesRuntime {
  private readonly declared: unknown[] = [];
  /** One of our own: Nest would close the one that it provides while handlers are still in the middle of something. */
  private readonly receiver = new SseReceiverService();
  private handlers: readonly SourceHandler[] = [];
  private observer: HandlerObserver | undefined;
  private hasRoot = false;
  private opened: ReadonlyMap<string, RunningSource> | undefined;
  private hasBegun = false;

  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {}

  /** Adds what `SseModule` itself has. */
  declareRoot(sources: unknown): void {
    this.hasRoot = true;
    if (sources !== undefined) this.declare(sources);
  }

  /** Adds what a feature module has. */
  declare(sources: unknown): void {
    if (this.opened) {
      const problem = 'come too late, after the start: a module that is loaded lazily cannot have any';
      throw new SseOptionsError([{ option: 'sources', problem }]);
    }
    this.declared.push(sources);
  }

  /** Has somebody told of all sources, before they begin. */
  observe(connections: ReceiverObserver, handlers: HandlerObserver): void {
    this.receiver.observe(connections);
    this.observer = handlers;
    this.observeHandlers();
  }

  assertRoot(): void {
    if (!this.hasRoot) throw new SseRootMissingError();
  }

  /** Checks all sources and handlers. Nothing is connected yet. */
  open(): void {
    if (this.opened) return;
    const problems = new StartUpProblems();
    const sources = openSources(this.declared, this.receiver, problems);
    const { discovery, scanner, moduleRef } = this;
    const instancesOf: InstancesOf = (type) => moduleRef.get(type, { strict: false, each: true });
    const handlers = findHandlers({ discovery, scanner, instancesOf }, problems);
    for (const { source, name } of handlers) {
      if (!sources.has(source)) {
        problems.addHandler(name, new SseUnknownSourceError(source, [...sources.keys()], name));
      }
    }
    problems.assertNone();
    this.handlers = handlers;
    this.observeHandlers();
    const followed = [...sources].flatMap(([name, source]) => {
      const own = handlers.filter((handler) => handler.source === name);
      return source ? [[name, running(source, own)] as const] : [];
    });
    this.opened = new Map(followed);
  }

  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    for (const source of this.opened?.values() ?? []) source.begin();
  }

  /** May be called any number of times. */
  async end(): Promise<void> {
    await Promise.all([...(this.opened?.values() ?? [])].map((source) => source.end()));
    await this.receiver.onModuleDestroy();
  }

  private observeHandlers(): void {
    for (const handler of this.handlers) handler.observer = this.observer;
  }

  get names(): string[] {
    return [...this.known().keys()];
  }

  get(name: string): SseSubscription {
    return this.find(name).subscription;
  }

  async restart(name: string): Promise<void> {
    const source = this.find(name);
    if (!this.hasBegun) throw new SseSourcesNotReadyError();
    await source.restart();
  }

  isHeld(name: string): boolean {
    return this.find(name).isHeld;
  }

  statusOf(name: string): SseSourceStatus {
    return this.find(name).status;
  }

  private find(name: string): RunningSource {
    const source = this.known().get(name);
    if (!source) throw new SseUnknownSourceError(name, this.names);
    return source;
  }

  private known(): ReadonlyMap<string, RunningSource> {
    if (!this.opened) throw new SseSourcesNotReadyError();
    return this.opened;
  }
}

function running(source: OpenSource, handlers: readonly SourceHandler[]): RunningSource {
  const { leases } = source;
  return leases
    ? new LeasedSource(source, leases, handlers, Math.random)
    : new FollowedSource(source, handlers, Math.random);
}
