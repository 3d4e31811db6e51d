/**
 * What the streams of a module have sent since the start. Plain numbers, for they are counted where every write comes past,
 * whether somebody wants to know or not.
 */
export class StreamTraffic {
  /** Of the bodies of responses, as they were handed to the operating system; without chunk framing, before compression. */
  bytes = 0;
  /** Messages that were pushed, comments among them; what channels write is not. */
  messages = 0;
  pings = 0;
}
