import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { AppAddress } from './app-address.js';
import type { RequestParts } from './request-parts.js';

/**
 * How a stream is over: the server has ended it in good order, the connection was lost in the middle of it, or the test has
 * left it.
 */
export type SseTestEnd = 'ended' | 'cut' | 'left';

/** What a connection tells its owner. Each is called once at most, but `onBytes`; nothing after `onOver`. */
export interface ConnectionOwner {
  onHead(response: IncomingMessage): void;
  onBytes(bytes: Uint8Array): void;
  /** @param error what node has said of a connection that was lost */
  onOver(how: SseTestEnd, error?: Error): void;
}

/** One request and its response, on a connection of its own. */
export class TestConnection {
  readonly #request: ClientRequest;
  readonly #owner: ConnectionOwner;
  #response: IncomingMessage | undefined;
  #isPaused = false;
  #isSilent = false;
  #isOver = false;

  constructor(address: AppAddress, path: string, { method, headers, body }: RequestParts, owner: ConnectionOwner) {
    this.#owner = owner;
    this.#request = request({ ...address, path, method, headers, agent: false });
    this.#request.on('response', (response) => this.#read(response));
    this.#request.on('error', (error) => this.#end('cut', error));
    this.#request.on('close', () => {
      // What is still to be read of a response is not lost with its connection.
      if (!this.#response) {
        this.#end('cut');
      }
    });
    this.#request.end(body);
  }

  /** The port of this end, by which the server knows it; nothing before it is connected. */
  get localPort(): number | undefined {
    return this.#socket?.localPort;
  }

  /** Reads nothing for now. */
  pause(): void {
    this.#isPaused = true;
    this.#response?.pause();
  }

  resume(): void {
    if (!this.#isSilent) {
      this.#isPaused = false;
      this.#response?.resume();
    }
  }

  /** Reads nothing any more, and so does not even see that the server closes the connection. */
  fallSilent(): void {
    this.#isSilent = true;
    this.pause();
    this.#socket?.pause();
  }

  /** Closes the connection. */
  async leave(): Promise<void> {
    await this.#close((socket) => socket.destroy());
  }

  /** Resets the connection. */
  async reset(): Promise<void> {
    await this.#close((socket) => socket.resetAndDestroy());
  }

  get #socket(): Socket | null {
    return this.#request.socket;
  }

  async #close(how: (socket: Socket) => void): Promise<void> {
    this.#end('left');
    const socket = this.#socket;
    if (socket && !socket.destroyed) {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      how(socket);
      await closed;
    }
    this.#request.destroy();
  }

  #read(response: IncomingMessage): void {
    this.#response = response;
    this.#owner.onHead(response);
    response.on('data', (bytes: Buffer) => {
      if (!this.#isOver) {
        this.#owner.onBytes(bytes);
      }
    });
    if (this.#isPaused) {
      response.pause();
    }
    response.on('end', () => this.#end('ended'));
    response.on('error', (error) => this.#end('cut', error));
    response.on('close', () => this.#end(response.complete ? 'ended' : 'cut'));
  }

  #end(how: SseTestEnd, error?: Error): void {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#owner.onOver(how, error);
    }
  }
}
