import type { Socket } from 'node:net';
import { ReplyEater } from './reply-eater.js';
import { type RespCommand, RespCommands } from './resp-commands.js';

/** `new` until it has sent more than what clients send by themselves to begin with. */
export type ConnectionKind = 'new' | 'command' | 'pubsub';

export type Direction = 'requests' | 'replies';

/** What the proxy of a connection says about it. */
export interface ConnectionScript {
  sees(command: RespCommand, connection: ProxiedConnection): void;
  holds(connection: ProxiedConnection, direction: Direction): boolean;
  /** Whether the reply to this command shall be eaten. */
  eats(command: RespCommand, connection: ProxiedConnection): Meal | undefined;
}

/** How eating a reply has gone. */
export interface Meal {
  /** The command took effect, its reply was swallowed, and the connection is cut. */
  eaten(): void;
  /** The command failed, and its reply was passed on. */
  spared(): void;
}

const BEGINNINGS = new Set(['HELLO', 'AUTH', 'CLIENT', 'SELECT', 'INFO', 'PING', 'READONLY', 'COMMAND']);
const SUBSCRIBING = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE']);

/** A client's connection to the proxy, and the one of the proxy to the server that belongs to it. */
export class ProxiedConnection {
  kind: ConnectionKind = 'new';
  private readonly commands = new RespCommands();
  /** What is still to be done for each direction, in order. */
  private readonly queues: Record<Direction, (() => void)[]> = { requests: [], replies: [] };
  private eating: { readonly eater: ReplyEater; readonly meal: Meal } | undefined;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly script: ConnectionScript,
  ) {
    client.setNoDelay();
    server.setNoDelay();
    // What goes wrong on one side ends the other; `close` follows.
    client.on('error', () => {});
    server.on('error', () => {});
    client.on('data', (bytes) => this.read(bytes));
    client.on('close', () => this.enqueue('requests', () => server.end()));
    server.on('data', (bytes) => this.enqueue('replies', () => this.answer(bytes)));
    server.on('close', () => this.enqueue('replies', () => client.end()));
  }

  /** Ends it on both sides at once; what was held is lost. */
  cut(): void {
    this.queues.requests = [];
    this.client.resetAndDestroy();
    this.server.destroy();
  }

  /** Passes on whatever is not held, or not any more. */
  flow(): void {
    this.drain('requests');
    this.drain('replies');
  }

  private read(bytes: Buffer): void {
    for (const command of this.commands.read(bytes)) {
      if (SUBSCRIBING.has(command.name)) this.kind = 'pubsub';
      else if (this.kind === 'new' && !BEGINNINGS.has(command.name)) this.kind = 'command';
      this.queues.requests.push(() => this.forward(command));
      this.script.sees(command, this);
    }
    this.flow();
  }

  private enqueue(direction: Direction, task: () => void): void {
    this.queues[direction].push(task);
    this.drain(direction);
  }

  private drain(direction: Direction): void {
    while (this.queues[direction].length > 0 && !this.holds(direction)) this.queues[direction].shift()?.();
  }

  private holds(direction: Direction): boolean {
    // What follows a command whose reply is eaten must not take effect: the connection ends with that command.
    return (direction === 'requests' && this.eating !== undefined) || this.script.holds(this, direction);
  }

  private forward(command: RespCommand): void {
    const meal = BEGINNINGS.has(command.name) ? undefined : this.script.eats(command, this);
    const eater = meal && new ReplyEater();
    if (eater) this.eating = { eater, meal };
    this.server.write(eater ? eater.wrap(command) : command.bytes);
  }

  private answer(bytes: Buffer): void {
    if (!this.eating) {
      this.client.write(bytes);
      return;
    }
    const { eater, meal } = this.eating;
    const { before, reply, after } = eater.take(bytes);
    this.client.write(before);
    if (!reply) return;
    if (isError(reply)) {
      this.eating = undefined;
      this.client.write(Buffer.concat([reply, after]));
      meal.spared();
      this.drain('requests');
      return;
    }
    // In good order, for a reset could take away what came before the reply.
    this.client.end();
    this.server.destroy();
    meal.eaten();
  }
}

/** A command that failed had no effect, as the EVALSHA of a script that is not there yet: no reply worth losing. */
function isError(reply: Buffer): boolean {
  return reply.toString('latin1', 0, 1) === '-';
}
