/** Turns the data of a message into the text that is sent. What it returns may have several lines. */
export type SseSerialize = (data: unknown) => string;

/** The default: `JSON.stringify`, whose text never holds a raw line break nor a lone surrogate. */
export const serializeJson: SseSerialize = JSON.stringify;
