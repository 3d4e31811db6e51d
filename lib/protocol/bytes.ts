/** The bytes that the format is made of. WHATWG HTML, section 9.2.5. */
export const LF = 0x0a;
export const CR = 0x0d;
export const SPACE = 0x20;
export const COLON = 0x3a;
export const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf);
export const NO_BYTES: Buffer = Buffer.alloc(0);
