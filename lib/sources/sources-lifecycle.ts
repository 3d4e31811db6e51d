import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, ModuleRef } from '@nestjs/core';
import { SourcesRuntime } from './sources-runtime.js';

/** Ties the sources to the life of the application. */
@Injectable()
export class SourcesLifecycle implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(SourcesRuntime) private readonly runtime: SourcesRuntime,
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(MetadataScanner) private readonly scanner: MetadataScanner,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {}

  /** Not earlier: only now every module has been constructed, and has said what sources it has. */
  onModuleInit(): void {
    this.runtime.open({
      discovery: this.discovery,
      scanner: this.scanner,
      lookup: (type) => this.moduleRef.get(type, { strict: false }),
    });
  }

  /** Waits for no connection: an application starts also while its sources are down. */
  onApplicationBootstrap(): void {
    this.runtime.begin();
  }

  async onModuleDestroy(): Promise<void> {
    await this.runtime.end();
  }
}
