import type { StreamStanding, StreamTenant } from './shared-stream.js';

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

  /** @returns `false` when there is a tenant already */
  letTo(tenant: StreamTenant): boolean {
    if (this.#tenant) {
      return false;
    }
    this.#tenant = tenant;
    this.#tenants++;
    return true;
  }

  vacate(tenant: StreamTenant): void {
    if (this.#tenant === tenant) {
      this.#wroteAt = tenant.lastWriteAt;
      this.#tenant = undefined;
    }
  }

  onWritable(): void {
    this.#tenant?.onWritable();
  }

  onClosed(): void {
    this.#tenant?.onClosed();
  }

  /** Where the tenant stands, if there is one. */
  get standing(): StreamStanding | undefined {
    return this.#tenant?.standing();
  }

  pingFrame(usual: string): string {
    return this.#tenant?.pingFrame() ?? usual;
  }
}
