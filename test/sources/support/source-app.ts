import type { INestApplication, LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SseModule, type SseModuleOptions, SseSources, type SseSubscription } from '../../../lib/index.js';
import { Arrivals } from './arrivals.js';

type Level = 'debug' | 'log' | 'warn' | 'error';

/** What the sources wrote to the log. */
class SourceLines implements LoggerService {
  readonly lines = new Arrivals<{ readonly level: Level; readonly text: string; readonly stack?: unknown }>();
  readonly debug = (...args: unknown[]) => this.write('debug', args);
  readonly log = (...args: unknown[]) => this.write('log', args);
  readonly warn = (...args: unknown[]) => this.write('warn', args);
  readonly error = (...args: unknown[]) => this.write('error', args);

  of(level: Level): string[] {
    return this.lines.all.filter((line) => line.level === level).map(({ text }) => text);
  }

  /** The first line of a level, once it is there. */
  async first(level: Level): Promise<string> {
    return (await this.lines.first((line) => line.level === level)).text;
  }

  private write(level: Level, [text, ...rest]: unknown[]): void {
    if (rest.pop() === 'SseSources') this.lines.add({ level, text: String(text), stack: rest[0] });
  }
}

export interface SourceApp {
  readonly app: INestApplication;
  readonly lines: SourceLines;
  source(name: string): SseSubscription;
  close(): Promise<void>;
}

/** Starts an application that has these sources in its root module. */
export function startSources(sources: SseModuleOptions['sources'], metadata: ModuleMetadata): Promise<SourceApp> {
  const imports = [SseModule.forRoot({ sources }), ...(metadata.imports ?? [])];
  return startModules({ ...metadata, imports });
}

/** Starts an application that imports the module in a way of its own. */
export async function startModules(metadata: ModuleMetadata): Promise<SourceApp> {
  const lines = new SourceLines();
  const testing = await Test.createTestingModule(metadata).setLogger(lines).compile();
  const app = testing.createNestApplication();
  await app.init();
  return {
    app,
    lines,
    source: (name) => app.get(SseSources).get(name),
    close: () => app.close(),
  };
}

/** A message as it goes over the wire. */
export function frame(id: number, event: string, data = `data ${id}`): string {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}
