import { describe, expect, it } from '@jest/globals';
import { OnceListeners } from './once-listeners.js';

describe('OnceListeners', () => {
  it('calls whoever waits once, in order', () => {
    const listeners = new OnceListeners<string>();
    const heard: string[] = [];
    listeners.add((value) => heard.push(`first ${value}`));
    listeners.add((value) => heard.push(`second ${value}`));
    listeners.fire('a');
    listeners.fire('b');
    expect(heard).toEqual(['first a', 'second a']);
  });

  it('does not call who was taken off, nor anyone after it was cleared', () => {
    const listeners = new OnceListeners();
    const heard: string[] = [];
    const takeOff = listeners.add(() => heard.push('gone'));
    listeners.add(() => heard.push('there'));
    takeOff();
    listeners.fire();
    listeners.add(() => heard.push('cleared'));
    listeners.clear();
    listeners.fire();
    takeOff();
    expect(heard).toEqual(['there']);
  });

  it('keeps a listener that comes while it fires for the next time', () => {
    const listeners = new OnceListeners();
    let calls = 0;
    listeners.add(() => listeners.add(() => calls++));
    listeners.fire();
    expect(calls).toBe(0);
    listeners.fire();
    expect(calls).toBe(1);
  });
});
