import type { StreamTenant } from './shared-stream.js';

/** Who writes into a stream beside those who push, one after the other. */
export class Tenancy {
  #tenant: StreamTenant | undefined;
  #tenants = 0;
  #wroteAt = 0;

  /** Whether there is a tenant. */
  get isLet(): boolean {
    return this.#tenant !== undefined;
  }

  /** Whether there has been another tenant before. */
  get isRenewed(): boolean {
    return this.#tenants > 1;
  }

  /** When a tenant has written last, in milliseconds of `performance.now()`; 0 when none has. */
  get lastWriteAt(): number {
    return this.#tenant?.lastWriteAt ?? this.#wroteAt;
  }

  /** @returns ends the tenancy; nothing when there is a tenant already */
  letTo(tenant: StreamTenant): (() => void) | undefined {
    if (this.#tenant) {
      return undefined;
    }
    this.#tenant = tenant;
    this.#tenants++;
    return () => {
      this.#wroteAt = tenant.lastWriteAt;
      this.#tenant = undefined;
    };
  }

  onWritable(): void {
    this.#tenant?.onWritable();
  }

  pingFrame(usual: string): string {
    return this.#tenant?.pingFrame() ?? usual;
  }
}
