import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { BuiltSample } from './built-sample.js';
import { freePort, type SampleProcess } from './sample-process.js';

/** The sample for the tests of a file: built once, on another port for each test, and ended after it. */
export interface UsedSample {
  readonly port: number;
  readonly url: string;
  /** Where its processes keep what has to outlive them. */
  readonly temporary: string;
  run(...parameters: Parameters<BuiltSample['run']>): SampleProcess;
  /** Resolves when it serves, and its watcher has connected. */
  serve(): Promise<SampleProcess>;
}

export function useSample(): UsedSample {
  const started = new Set<SampleProcess>();
  let built: BuiltSample;
  let port: number;

  beforeAll(async () => {
    built = await BuiltSample.build();
  });
  afterAll(async () => {
    await built?.remove();
  });
  beforeEach(async () => {
    port = await freePort();
  });
  afterEach(async () => {
    await Promise.all([...started].map((running) => running.kill()));
    started.clear();
  });

  return {
    get port() {
      return port;
    },
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get temporary() {
      return built.temporary;
    },
    run(...parameters) {
      const running = built.run(...parameters);
      started.add(running);
      return running;
    },
    async serve() {
      const server = this.run(port);
      await server.printed(/watcher {2}open/);
      return server;
    },
  };
}
