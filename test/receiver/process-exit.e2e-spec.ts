import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CompiledLib } from './support/compiled-lib.js';
import { type Act, answer, ScriptedServer, silence, stream } from './support/scripted-server.js';

/** Each program prints nothing, and has to end by itself: no process.exit(). */
describe('a process that uses the receiver', () => {
  let lib: CompiledLib;
  let server: ScriptedServer;
  let child: ChildProcess | undefined;

  beforeAll(async () => {
    lib = await CompiledLib.build();
  });

  afterAll(async () => {
    await lib.remove();
  });

  beforeEach(async () => {
    server = await ScriptedServer.start();
  });

  afterEach(async () => {
    child?.kill('SIGKILL');
    await server.close();
  });

  /** Runs a program to its end, while the server goes on doing what it does. */
  async function run(name: string, source: string): Promise<{ code: number; output: string }> {
    child = spawn(process.execPath, [await lib.program(name, source), server.url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const pipe of [child.stdout, child.stderr]) {
      pipe?.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    const [code] = await once(child, 'close');
    return { code, output };
  }

  const phases: [string, Act, string][] = [
    ['idle', silence, 'await subscription.close();'],
    ['connecting', silence, 'consume(); await subscription.close();'],
    [
      'dispatched',
      silence,
      'consume(); for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate); await subscription.close();',
    ],
    ['waiting for the response', silence, 'consume(); setTimeout(() => subscription.close(), 100);'],
    ['open', stream('data: a\n\n'), "consume(); await when('open'); await subscription.close();"],
    [
      'waiting',
      answer(503, { 'retry-after': '1000' }),
      "consume(); await when('waiting'); await subscription.close();",
    ],
    ['consumed', stream('data: a\n\n'), 'for await (const message of subscription) break;'],
    [
      'a message',
      stream('data: a\n\ndata: b\n\n'),
      'subscription.messages$.subscribe(({ data }) => { console.log(data); subscription.close(); });',
    ],
    ['held up', stream(`data: ${'x'.repeat(10_000)}\n\n`.repeat(100)), 'await (await first()).close();'],
    ['ended by 204', answer(204), 'consume();'],
    ['refused', answer(404, {}, 'no'), 'subscription.process(async () => {}).catch(() => {});'],
    ['shut down', stream('data: a\n\n'), "consume(); await when('open'); await receiver.onModuleDestroy();"],
  ];

  it.each(phases)('exits by itself once closed: %s', async (phase, act, source) => {
    server.script(act);
    const program = `
      const receiver = new SseReceiverService();
      const subscription = receiver.subscribe(url);
      const consume = () => void subscription.process(async () => {});
      const when = (phase) => new Promise((resolve) => {
        subscription.state$.subscribe((state) => state.phase === phase && resolve());
      });
      const first = async () => {
        await subscription[Symbol.asyncIterator]().next();
        return subscription;
      };
      ${source}`;
    const { code, output } = await run(phase.replaceAll(' ', '-'), program);
    expect({ code, output }).toEqual({ code: 0, output: phase === 'a message' ? 'a\n' : '' });
  });

  it('lives on while a reconnect is pending', async () => {
    server.script(answer(503), stream('data: came back\n\n'));
    const { code, output } = await run(
      'pending',
      `const subscription = new SseReceiverService().subscribe(url, { retry: { nextDelayMs: () => 300 } });
      for await (const { data } of subscription) {
        console.log(data);
        break;
      }`,
    );
    expect({ code, output }).toEqual({ code: 0, output: 'came back\n' });
  });

  it('does not load undici before it consumes', async () => {
    const { output } = await run(
      'lazy',
      `import { createRequire } from 'node:module';
      const { cache } = createRequire(import.meta.url);
      new SseReceiverService().subscribe(url);
      console.log(Object.keys(cache).filter((file) => file.includes('undici')).length);`,
    );
    expect(output).toBe('0\n');
  });
});
