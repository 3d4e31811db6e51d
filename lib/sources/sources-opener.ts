import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { SourcesRuntime } from './sources-runtime.js';

/** Has sources and handlers checked when all modules are constructed, and have said what sources they have. */
@Injectable()
export class SourcesOpener implements OnModuleInit {
  constructor(@Inject(SourcesRuntime) private readonly runtime: SourcesRuntime) {}

  onModuleInit(): void {
    this.runtime.open();
  }
}
