import { isUtf8, transcode } from 'node:buffer';

/** From this size on, two passes of vectorised code are faster than the one of a TextDecoder. */
const WORTH_TRANSCODING = 4096;

/**
 * Decodes whole lines. WHATWG HTML, section 9.2.6: as UTF-8, whatever the content type says; WHATWG Encoding: each maximal
 * subpart of an invalid sequence becomes one U+FFFD. A line end is part of no longer sequence, so that lines can be decoded
 * apart from those around them.
 */
export class Utf8Decoder {
  /** Its streaming mode is the faster one. Whole lines leave nothing behind in it. */
  #decoder: InstanceType<typeof TextDecoder> | undefined;

  decode(lines: Buffer): string {
    if (lines.length >= WORTH_TRANSCODING && isUtf8(lines))
      return transcode(lines, 'utf8', 'utf16le').toString('utf16le');
    this.#decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
    return this.#decoder.decode(lines, { stream: true });
  }
}
