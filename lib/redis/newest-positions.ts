/** So many channels of the latest are remembered, and up to as many more of those before. */
const CHANNELS = 8192;

/** The newest message of channels, as far as this process has placed it. Those that it has published to long ago are forgotten. */
export class NewestPositions {
  #latest = new Map<string, number>();
  #earlier = new Map<string, number>();
  #newest = 0;

  /** The newest of all channels. */
  get newest(): number {
    return this.#newest;
  }

  get(channel: string): number | undefined {
    return this.#latest.get(channel) ?? this.#earlier.get(channel);
  }

  set(channel: string, position: number): void {
    if (this.#latest.size >= CHANNELS && !this.#latest.has(channel)) {
      this.#earlier = this.#latest;
      this.#latest = new Map();
    }
    this.#latest.set(channel, position);
    this.#newest = Math.max(this.#newest, position);
  }
}
