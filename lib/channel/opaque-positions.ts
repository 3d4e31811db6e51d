import { hkdfSync } from 'node:crypto';
import { AesSiv } from './aes-siv.js';
import type { Position } from './position.js';
import { epochBytes, type PositionKind, readPosition, writePosition } from './position-bytes.js';
import type { Positions, ReadPosition } from './positions.js';

/** Of the keys, and of everything that is sealed with them, so that neither is of use anywhere else. */
const PURPOSE = Buffer.from('nestjs-event-stream: positions, version 1');

const KEY_BYTES = 64;

const SEALED = /^[0-9A-Za-z_-]{48}$/;

interface Written {
  readonly position: Position;
  readonly id: string;
}

/**
 * Positions that nobody can read, make up or compare who has not got the secret.
 *
 * **Construction.** A position is laid out as 20 bytes (see `writePosition`), sealed by AES-256-SIV (see {@link AesSiv}) and
 * written as base64url: 48 characters whatever is in them. The key is derived of the secret by HKDF with SHA-256.
 *
 * **Ids of messages** have nothing random, so that every process and every stream gives the same one, and clients can tell
 * by it whether they have had a message. What leaks is whether two of them are the same message. **Ids of streams** are of
 * the newest position of all, so two that are equal would say that nothing was published anywhere meanwhile, and whoever asks
 * often enough could count. Hence they have random bytes, and are equal only within one run of code that nothing interrupts:
 * ten thousand streams that are pinged one after the other need not have one each.
 *
 * **Reading** tries all secrets. What none of them opens is one and the same to who has sent it: nothing at all.
 */
export class OpaquePositions implements Positions {
  readonly areOpaque = true;
  readonly #keys: readonly [AesSiv, ...AesSiv[]];
  #epoch: { readonly name: string; readonly bytes: Buffer } = { name: '', bytes: epochBytes('') };
  /** A message is asked for when it is kept, and once more for who has published it. */
  #message: Written | undefined;
  #stream: Written | undefined;

  /** @param secrets the first one writes, all of them read */
  constructor([first, ...others]: readonly [string, ...string[]]) {
    this.#keys = [keyOf(first), ...others.map(keyOf)];
  }

  idOfMessage(position: Position): string {
    if (!this.#message || !isSame(this.#message.position, position)) {
      const id = this.#seal(position.told === undefined ? 'message' : 'told', position);
      this.#message = { position, id };
    }
    return this.#message.id;
  }

  idOfStream(position: Position): string {
    // Such a one stands among what was lost of what it follows, and knows nothing of other channels.
    if (position.told !== undefined) {
      return this.idOfMessage(position);
    }
    if (!this.#stream) {
      queueMicrotask(() => {
        this.#stream = undefined;
      });
    }
    if (!this.#stream || !isSame(this.#stream.position, position)) {
      this.#stream = { position, id: this.#seal('stream', position) };
    }
    return this.#stream.id;
  }

  read(id: string, epoch: string): ReadPosition | undefined {
    const bytes = SEALED.test(id) ? this.#open(Buffer.from(id, 'base64url')) : undefined;
    const position = bytes && readPosition(bytes);
    return (
      position && { seq: position.seq, told: position.told, isForeign: !position.epoch.equals(this.#bytesOf(epoch)) }
    );
  }

  #seal(kind: PositionKind, { epoch, seq, told }: Position): string {
    return this.#keys[0].seal(writePosition(kind, this.#bytesOf(epoch), seq, told)).toString('base64url');
  }

  #open(sealed: Buffer): Buffer | undefined {
    for (const key of this.#keys) {
      const bytes = key.open(sealed);
      if (bytes) {
        return bytes;
      }
    }
    return undefined;
  }

  #bytesOf(epoch: string): Buffer {
    if (this.#epoch.name !== epoch) {
      this.#epoch = { name: epoch, bytes: epochBytes(epoch) };
    }
    return this.#epoch.bytes;
  }
}

function keyOf(secret: string): AesSiv {
  return new AesSiv(Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES)), [PURPOSE]);
}

function isSame(one: Position, other: Position): boolean {
  return one.seq === other.seq && one.told === other.told && one.epoch === other.epoch;
}
