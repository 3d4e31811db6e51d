/** What has come in, and a way to wait for it. */
export class Arrivals<T> {
  readonly all: T[] = [];
  private readonly waiting: { readonly count: number; readonly resolve: (all: T[]) => void }[] = [];

  add(item: T): void {
    this.all.push(item);
    for (const { count, resolve } of this.waiting) {
      if (this.all.length >= count) resolve(this.all);
    }
  }

  /** Everything, once there are so many. */
  count(count: number): Promise<T[]> {
    if (this.all.length >= count) return Promise.resolve(this.all);
    return new Promise((resolve) => this.waiting.push({ count, resolve }));
  }

  /** The first one that fits, once it is there. */
  async first(fits: (item: T) => boolean): Promise<T> {
    for (let count = 1; ; count++) {
      const item = (await this.count(count))[count - 1] as T;
      if (fits(item)) return item;
    }
  }
}
