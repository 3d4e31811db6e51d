import { createHash, randomFillSync } from 'node:crypto';

/** What an opaque id is for. */
export type PositionKind = 'message' | 'stream' | 'told';

const KINDS: readonly PositionKind[] = ['message', 'stream', 'told'];

const EPOCH_AT = 1;
const EPOCH_BYTES = 6;
const SEQ_AT = EPOCH_AT + EPOCH_BYTES;
const DETAIL_AT = SEQ_AT + 7;
const DETAIL_BYTES = 6;

/** With the 16 bytes of a seal that makes 48 characters of base64url, with no bit to spare. */
const POSITION_BYTES = DETAIL_AT + DETAIL_BYTES;

/**
 * A position as bytes, always of one length: kind, epoch, seq, detail. The detail of what a stream is told are random bytes,
 * so that two of them are never the same; of `told` it is the sum of floors.
 */
export function writePosition(kind: PositionKind, epoch: Buffer, seq: number, told = 0): Buffer {
  const bytes = Buffer.allocUnsafe(POSITION_BYTES);
  bytes.writeUInt8(KINDS.indexOf(kind), 0);
  epoch.copy(bytes, EPOCH_AT);
  bytes.writeUIntBE(Math.floor(seq / 2 ** 32), SEQ_AT, 3);
  bytes.writeUInt32BE(seq % 2 ** 32, SEQ_AT + 3);
  bytes.writeUIntBE(told, DETAIL_AT, DETAIL_BYTES);
  return kind === 'stream' ? randomFillSync(bytes, DETAIL_AT) : bytes;
}

export interface PositionRead {
  readonly epoch: Buffer;
  readonly seq: number;
  readonly told: number | undefined;
}

/** @returns undefined for a kind that a later version may have written */
export function readPosition(bytes: Buffer): PositionRead | undefined {
  const kind = KINDS[bytes.readUInt8(0)];
  return (
    kind && {
      epoch: bytes.subarray(EPOCH_AT, SEQ_AT),
      seq: bytes.readUIntBE(SEQ_AT, 3) * 2 ** 32 + bytes.readUInt32BE(SEQ_AT + 3),
      told: kind === 'told' ? bytes.readUIntBE(DETAIL_AT, DETAIL_BYTES) : undefined,
    }
  );
}

/** The name of a log in so many bytes as names of our backplanes are random. */
export function epochBytes(epoch: string): Buffer {
  return createHash('sha256').update(epoch).digest().subarray(0, EPOCH_BYTES);
}
