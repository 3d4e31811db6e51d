import { BodyPart } from './body-part.js';

/** Encodes what is said to many streams one after the other only once: their pings. */
export class RepeatedPart {
  #text: string | undefined;
  #part: BodyPart | undefined;

  of(text: string): BodyPart {
    if (!this.#part || text !== this.#text) {
      this.#text = text;
      this.#part = new BodyPart(text);
    }
    return this.#part;
  }
}
