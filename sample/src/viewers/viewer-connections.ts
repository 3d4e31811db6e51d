import { Injectable } from '@nestjs/common';
import type { Response } from 'express';

/** Beyond it, whoever was cut first may come back early: nobody fills the memory with made-up viewers. */
const MOST_KEPT_OUT = 1000;

/** The connections of those who gave their stream a name, so that they can have it cut and see what happens then. */
@Injectable()
export class ViewerConnections {
  private readonly responses = new Map<string, Response>();
  private readonly keptOut = new Set<string>();

  /** As many as have a response open, or were cut a short while ago. */
  get size(): number {
    return this.responses.size + this.keptOut.size;
  }

  /**
   * Whoever is cut for a while meets a network that does not work. A status would end it for good: EventSource comes back
   * from a lost connection only.
   *
   * @returns whether the request goes on; its connection is gone otherwise
   */
  admit(viewer: string, response: Response): boolean {
    if (this.keptOut.has(viewer)) {
      destroy(response);
      return false;
    }
    this.responses.set(viewer, response);
    response.once('close', () => {
      if (this.responses.get(viewer) === response) this.responses.delete(viewer);
    });
    return true;
  }

  /**
   * As a lost network would: without an end, without a goodbye.
   *
   * @param forMs how long the viewer cannot come back
   * @returns whether there was something to cut
   */
  cut(viewer: string, forMs = 0): boolean {
    const response = this.responses.get(viewer);
    if (!response) return false;
    this.keepOut(viewer, forMs);
    destroy(response);
    return true;
  }

  /** Whether it is here or not. */
  keepOut(viewer: string, forMs: number): void {
    if (forMs <= 0) return;
    const [longest] = this.keptOut;
    if (this.keptOut.size >= MOST_KEPT_OUT) this.keptOut.delete(longest!);
    this.keptOut.add(viewer);
    setTimeout(() => this.keptOut.delete(viewer), forMs).unref();
  }
}

function destroy({ req }: Response): void {
  req.socket.destroy();
}
