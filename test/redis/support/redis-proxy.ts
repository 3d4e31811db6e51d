import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import {
  type ConnectionKind,
  type ConnectionScript,
  type Direction,
  type Meal,
  ProxiedConnection,
} from './proxied-connection.js';
import type { RespCommand } from './resp-commands.js';

/** Connections of a kind, those for which the function says yes, or all: also those that are new, or still to come. */
type WhichConnections = ConnectionKind | 'all' | ((connection: ProxiedConnection) => boolean);

type WhichCommands = (command: RespCommand, connection: ProxiedConnection) => boolean;

/** What a test waits for: so many commands are still to be found, and so many still to be done with. */
interface Order {
  readonly matches: WhichCommands;
  toFind: number;
  toDo: number;
  readonly done: () => void;
}

/** A connection to Redis that a test may break: it stands in front of a server, on a port of its own. No TLS. */
export class RedisProxy {
  readonly connections = new Set<ProxiedConnection>();
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => this.connected(socket));
  private readonly target: URL;
  private readonly meals = new Set<Order>();
  private readonly sights = new Set<Order>();
  private holds: { readonly which: WhichConnections; readonly what: Direction | 'both' }[] = [];
  private isRefusing = false;

  private constructor(target: string) {
    this.target = new URL(target);
    if (this.target.protocol !== 'redis:') throw new Error(`The proxy speaks no TLS: it cannot reach ${target}.`);
  }

  /** @param target of the server, with its `url` */
  static async start(target: { readonly url: string }): Promise<RedisProxy> {
    const proxy = new RedisProxy(target.url);
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** As that of the server, with its password, but through the proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.href;
  }

  /**
   * Lets these commands run, swallows the reply, and then cuts the connection: the client cannot know that the command
   * took effect. What it had sent after that command never arrives. A command that fails is let through, and does not
   * count; neither does what clients send by themselves to begin with.
   *
   * @param times how many replies, of whatever connections; 1 unless told. A client that sends again by itself needs 2
   *   to lose both.
   * @returns resolves when the last of them is eaten
   */
  eatReply(matches: WhichCommands = () => true, times = 1): Promise<void> {
    return new Promise((done) => this.meals.add({ matches, toFind: times, toDo: times, done }));
  }

  /** Resolves when a client has sent such a command, from now on, whether or not it is held. */
  seen(matches: WhichCommands, times = 1): Promise<void> {
    return new Promise((done) => this.sights.add({ matches, toFind: times, toDo: times, done }));
  }

  /** Resets these connections now. What was held on them is lost. */
  cut(which: WhichConnections = 'all'): void {
    for (const connection of this.connections) if (isOf(connection, which)) connection.cut();
  }

  /**
   * From now on these connections are a black hole: what comes is taken and kept, even that the other side has closed.
   *
   * @param what only requests: they do not run; only replies: they run, and nobody learns it
   */
  hold(which: WhichConnections = 'all', what: Direction | 'both' = 'both'): void {
    this.holds.push({ which, what });
  }

  /** Passes on everything that was held, in order. */
  release(): void {
    this.holds = [];
    for (const connection of this.connections) connection.flow();
  }

  /** Closes new connections at once, as of a server that is down. Those that are there stay. */
  refuse(): void {
    this.isRefusing = true;
  }

  /** Ends {@link refuse}. */
  accept(): void {
    this.isRefusing = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private connected(client: Socket): void {
    if (this.isRefusing) {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const server = connect(Number(this.target.port || 6379), this.target.hostname);
    const script: ConnectionScript = {
      sees: (command, connection) => this.sees(command, connection),
      eats: (command, connection) => this.eats(command, connection),
      holds: (connection, direction) =>
        this.holds.some(({ which, what }) => isOf(connection, which) && (what === 'both' || what === direction)),
    };
    const connection = new ProxiedConnection(client, server, script);
    this.connections.add(connection);
    client.on('close', () => this.connections.delete(connection));
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    }
  }

  private sees(command: RespCommand, connection: ProxiedConnection): void {
    for (const order of this.sights) if (order.matches(command, connection)) finish(order, this.sights);
  }

  private eats(command: RespCommand, connection: ProxiedConnection): Meal | undefined {
    for (const order of this.meals) {
      if (order.toFind === 0 || !order.matches(command, connection)) continue;
      order.toFind--;
      return { eaten: () => finish(order, this.meals), spared: () => void order.toFind++ };
    }
    return undefined;
  }
}

function finish(order: Order, orders: Set<Order>): void {
  if (--order.toDo > 0) return;
  orders.delete(order);
  order.done();
}

function isOf(connection: ProxiedConnection, which: WhichConnections): boolean {
  return typeof which === 'function' ? which(connection) : which === 'all' || which === connection.kind;
}
