import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adminCommand } from './admin-command.js';
import { Watchman } from './watchman.js';

const certificate = (name: string) =>
  fileURLToPath(new URL(`../../receiver/support/certificate/${name}.pem`, import.meta.url));

/** The program, wherever the PATH has it. */
export const REDIS_SERVER = 'redis-server';

/** All that were started in this file of tests: Jest gives each file modules of its own. */
const started = new Set<RedisServer>();

export interface RedisServerOptions {
  /** More arguments of the program, as `['--appendonly', 'yes']`. They come last, and win. */
  readonly args?: readonly string[];
  /** What `requirepass` says. It is part of the url. */
  readonly password?: string;
  /** TLS, and nothing else. A client has to trust {@link RedisServer.ca}. */
  readonly tls?: boolean;
  /** A cluster of one node that has every slot. It takes two seconds to start: so long Redis waits before it writes. */
  readonly cluster?: boolean;
}

/**
 * A Redis of our own, which a test may break: one port of 127.0.0.1, one temporary folder, nothing of the system's.
 *
 * It saves its data when it is stopped, and only then. Within `describeWithOwnRedis` it is removed at the end, and no
 * death of the tests leaves it behind.
 */
export class RedisServer {
  /** What has been printed since the last start. */
  output = '';
  private child: ChildProcess | undefined;
  /** Tells, as `change`, that it has printed or ended. */
  private readonly changes = new EventEmitter();
  private readonly watchman: Watchman;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly options: RedisServerOptions,
  ) {
    this.watchman = new Watchman(folder);
    started.add(this);
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    for (let attempt = 1; ; attempt++) {
      const folder = await mkdtemp(join(tmpdir(), 'sse-redis-'));
      const server = new RedisServer(folder, likelyFreePort(), options);
      try {
        await mkdir(server.data);
        await server.run();
        return server;
      } catch (error) {
        await server.remove();
        if (attempt === 5 || !/Address already in use/.test(server.output)) throw error;
      }
    }
  }

  /** Removes every server that this file of tests has started. */
  static async removeAll(): Promise<void> {
    await Promise.all([...started].map((server) => server.remove()));
  }

  get url(): string {
    const { password, tls } = this.options;
    return `${tls ? 'rediss' : 'redis'}://${password ? `:${encodeURIComponent(password)}@` : ''}127.0.0.1:${this.port}`;
  }

  /** The certificate to trust, where the server speaks TLS. */
  get ca(): Buffer | undefined {
    return this.options.tls ? readFileSync(certificate('cert')) : undefined;
  }

  /** Sends one command on a connection of its own, and answers as `redis-cli` prints: an array is one item a line. */
  cli(...command: [string, ...string[]]): Promise<string> {
    return adminCommand({ port: this.port, password: this.options.password, ca: this.ca }, command);
  }

  /** Starts it after `stop()` or `kill()`, with what it had saved. Settings made by `CONFIG SET` are gone. */
  async run(): Promise<void> {
    if (this.child) throw new Error('This redis-server is running already.');
    const child = spawn(REDIS_SERVER, this.arguments(), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.output = '';
    this.watchman.watch(child.pid);
    const print = (text: string) => {
      this.output += text;
      this.changes.emit('change');
    };
    child.stdout.setEncoding('utf8').on('data', print);
    child.stderr.setEncoding('utf8').on('data', print);
    child.on('error', (error) => print(`${error.message}\n`));
    child.once('exit', () => this.watchman.watch(undefined));
    child.once('close', () => {
      this.child = undefined;
      this.changes.emit('change');
    });
    await this.printed(/Ready to accept connections/);
    if (this.options.cluster) await this.becomeCluster();
  }

  /** Stops it in good order: its data is saved. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** Stops it at once. What was not saved is lost: everything since the last start, without `appendonly`. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Stops it, if it runs, and starts it again: same port, same data. */
  async restart(): Promise<void> {
    await this.stop();
    await this.run();
  }

  /** As {@link restart}, but nothing is left of the data. */
  async restartEmpty(): Promise<void> {
    await this.kill();
    await this.forget();
    await this.run();
  }

  /** Keeps a copy of the data as it is now, for {@link restartFromSnapshot}. */
  async keepSnapshot(): Promise<void> {
    await this.cli('SAVE');
    await rm(this.snapshot, { recursive: true, force: true });
    await cp(this.data, this.snapshot, { recursive: true });
  }

  /** Kills it, and starts it with the data of {@link keepSnapshot}, as often as wanted: later data is lost. */
  async restartFromSnapshot(): Promise<void> {
    await this.kill();
    await this.forget();
    await cp(this.snapshot, this.data, { recursive: true });
    await this.run();
  }

  /** Kills it, and removes its folder. */
  async remove(): Promise<void> {
    started.delete(this);
    await this.kill();
    await this.watchman.finish();
  }

  /** Resolves when it has printed this since its last start; fails when it ends before. */
  async printed(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (!this.child) throw new Error(`redis-server is not running, and has not printed ${pattern}:\n${this.output}`);
      await once(this.changes, 'change');
    }
  }

  private get data(): string {
    return join(this.folder, 'data');
  }

  private get snapshot(): string {
    return join(this.folder, 'snapshot');
  }

  private async forget(): Promise<void> {
    await rm(this.data, { recursive: true });
    await mkdir(this.data);
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (!child) return;
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }

  private async becomeCluster(): Promise<void> {
    if (/cluster_slots_assigned:0\b/.test(await this.cli('CLUSTER', 'INFO'))) {
      await this.cli('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    }
    await this.printed(/Cluster state changed: ok/);
  }

  private arguments(): string[] {
    const { args = [], password, tls, cluster } = this.options;
    const port = String(this.port);
    const secure = ['--tls-cert-file', certificate('cert'), '--tls-key-file', certificate('key')];
    return [
      ...['--bind', '127.0.0.1', '--dir', this.data, '--enable-debug-command', 'yes'],
      // With a point to save at it saves when it is told to end; this one never comes by itself.
      ...['--save', '86400 1000000000'],
      ...(tls ? ['--port', '0', '--tls-port', port, ...secure, '--tls-auth-clients', 'no'] : ['--port', port]),
      ...(tls ? ['--tls-ca-cert-file', certificate('cert')] : []),
      ...(password ? ['--requirepass', password] : []),
      ...(cluster ? ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] : []),
      ...args,
    ];
  }
}

/**
 * Below the ports that the system hands out: else one of them could be taken while the server is down, even by the
 * client that tries to reach it (and then talks to itself). A node of a cluster also listens 10,000 above.
 */
function likelyFreePort(): number {
  return 12_000 + Math.floor(Math.random() * 10_000);
}
