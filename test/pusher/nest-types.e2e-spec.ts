import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { MessageEvent } from '@nestjs/common';
import { type Observable, of } from 'rxjs';
import ts from 'typescript';
import { Pusher, type SseMessage, SseModule, type SsePusher, SseStream } from '../../lib/index.js';

/** What the compiler has to say of this very file: an expected error that it does not find is an error too. */
function compile(): string[] {
  const root = join(import.meta.dirname, '../..');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const path = import.meta.filename;
  const program = ts.createProgram([path], options);
  const file = program.getSourceFile(path)!;
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ start = 0, messageText }) => {
      const line = file.getLineAndCharacterOfPosition(start).line + 1;
      return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    },
  );
}

interface Order {
  readonly total: number;
}

interface ShopEvents {
  created: Order;
  deleted: { id: string };
  cleared: undefined;
}

abstract class Taken {
  @SseStream() nothing(@Pusher() _pusher: SsePusher): void {}
  @SseStream() async promiseOfNothing(@Pusher() _pusher: SsePusher): Promise<void> {}
  @SseStream() observable(): Observable<SseMessage> {
    return of({ data: 1 });
  }
  @SseStream() nestEvents(): Observable<MessageEvent> {
    return of({ type: 'tick', data: {} });
  }
  @SseStream() literals() {
    return of({ event: 'tick', data: 1 }, 'text');
  }
  @SseStream() async *generator() {
    yield { data: 1 };
    yield 'text';
  }
  @SseStream() array(): readonly string[] {
    return [];
  }
  @SseStream() async webStream(): Promise<ReadableStream<SseMessage>> {
    return new ReadableStream();
  }
  @SseStream('path') either(): Observable<string> | undefined {
    return undefined;
  }
  @SseStream(['a', 'b'], { pingMs: 1, onEnd: 'stop' }) anything(): any {}
}

abstract class Refused {
  // @ts-expect-error a number is no source
  @SseStream() number(): number {
    return 1;
  }
  // @ts-expect-error a string is no source, though it can be iterated over
  @SseStream() string(): string {
    return '';
  }
  // @ts-expect-error null is no source
  @SseStream() null(): null {
    return null;
  }
  // @ts-expect-error one message is no source
  @SseStream() message(): SseMessage {
    return {};
  }
  // @ts-expect-error a promise of what is no source is none
  @SseStream() async promise(): Promise<number> {
    return 1;
  }
  // @ts-expect-error numbers are no messages
  @SseStream() numbers(): Observable<number> {
    return of(1);
  }
  // @ts-expect-error orders are no messages
  @SseStream() async *orders() {
    const order: Order = { total: 1 };
    yield order;
  }
  // @ts-expect-error an id is a string
  @SseStream() numberedIds() {
    return of({ id: 1, data: '' });
  }
  // @ts-expect-error bytes are no messages
  @SseStream() bytes(): Buffer {
    return Buffer.alloc(0);
  }
}

function pushes(pusher: SsePusher<ShopEvents>, untyped: SsePusher): unknown[] {
  return [
    pusher.push({ event: 'created', data: { total: 1 }, id: '1', retry: 5 }),
    pusher.push({ event: 'deleted', data: { id: '7' } }),
    pusher.push({ event: 'cleared' }),
    pusher.push({ comment: 'no event' }),
    pusher.push('text'),
    // @ts-expect-error no such event
    pusher.push({ event: 'creatde', data: { total: 1 } }),
    // @ts-expect-error the data of another event
    pusher.push({ event: 'created', data: { id: '7' } }),
    // @ts-expect-error the data is missing
    pusher.push({ event: 'created' }),
    // @ts-expect-error the event is missing
    pusher.push({ data: { total: 1 } }),
    // @ts-expect-error an id is a string
    pusher.push({ event: 'cleared', id: 1 }),
    untyped.push({ event: 'whatever', data: { total: 1 } }),
    // @ts-expect-error an id is a string, of any pusher
    untyped.push({ id: 1 }),
  ];
}

function options(): unknown[] {
  return [
    // @ts-expect-error onEnd is 'reconnect' or 'stop'
    SseStream('x', { onEnd: 'never' }),
    // @ts-expect-error a path is a text
    SseStream(5),
    SseModule.forRoot(),
    SseModule.forRoot(30_000),
    SseModule.forRoot({ pingMs: 30_000, shutdown: { spreadMs: 1 }, isGlobal: false }),
    SseModule.forRootAsync({ useFactory: async () => 30_000 }),
    // @ts-expect-error seconds are no option
    SseModule.forRoot({ pingSeconds: 30 }),
    // @ts-expect-error a text is no interval
    SseModule.forRoot('30000'),
    // @ts-expect-error a factory gives options
    SseModule.forRootAsync({ useFactory: () => 'soon' }),
  ];
}

/** Nobody runs them; the linter shall not miss that somebody reads them. */
void [Taken, Refused, pushes, options];

describe('the compiler', () => {
  it('takes and refuses what it should, in this file', () => {
    expect(compile()).toEqual([]);
  }, 60_000);
});
