import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Response } from 'express';
import { ViewerConnections } from '../../sample/src/viewers/viewer-connections.js';

/** A response whose socket tells whether it was destroyed, and that closes then. */
class OpenResponse extends EventEmitter {
  cut = false;
  readonly req = {
    socket: {
      destroy: () => {
        this.cut = true;
        this.emit('close');
      },
    },
  };
}

describe('ViewerConnections', () => {
  let connections: ViewerConnections;

  beforeEach(() => {
    jest.useFakeTimers();
    connections = new ViewerConnections();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function admit(viewer: string): { admitted: boolean; response: OpenResponse } {
    const response = new OpenResponse();
    return { admitted: connections.admit(viewer, response as unknown as Response), response };
  }

  it('cuts the newest connection of a viewer, who may come back at once', () => {
    const older = admit('ann').response;
    const newer = admit('ann').response;
    older.emit('close');
    expect(connections.cut('ann')).toBe(true);
    expect([older.cut, newer.cut]).toEqual([false, true]);
    expect(admit('ann').admitted).toBe(true);
  });

  it('keeps a viewer out for as long as it was told, and nobody else', () => {
    admit('ann');
    connections.cut('ann', 10_000);
    jest.advanceTimersByTime(9_999);
    const refused = admit('ann');
    expect([refused.admitted, refused.response.cut]).toEqual([false, true]);
    expect(admit('bob').admitted).toBe(true);
    jest.advanceTimersByTime(1);
    expect(admit('ann').admitted).toBe(true);
  });

  it('cuts nobody who is not there, and does not prolong a cut', () => {
    expect(connections.cut('ann', 10_000)).toBe(false);
    admit('ann');
    connections.cut('ann', 10_000);
    expect(connections.cut('ann', 10_000)).toBe(false);
  });

  it('remembers nobody who has gone, or whose time is over', () => {
    admit('ann').response.emit('close');
    admit('bob');
    connections.cut('bob', 10_000);
    expect(connections.size).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect(connections.size).toBe(0);
  });

  it('keeps no more than a thousand out: whoever was cut first comes back early', () => {
    for (let viewer = 0; viewer <= 1000; viewer++) {
      admit(`viewer-${viewer}`);
      connections.cut(`viewer-${viewer}`, 10_000);
    }
    expect(connections.size).toBe(1000);
    expect([admit('viewer-0').admitted, admit('viewer-1').admitted]).toEqual([true, false]);
  });
});
