import { describe, expect, it } from '@jest/globals';
import { RouteNames } from './route-names.js';

describe('RouteNames', () => {
  it('names a route after the class that serves it, which may have inherited the method', () => {
    class Base {}
    class Derived extends Base {}
    const names = new RouteNames('follow');
    expect([names.of(Base), names.of(Derived), names.of(Base)]).toEqual([
      'Base.follow',
      'Derived.follow',
      'Base.follow',
    ]);
  });

  it('names a method that has a symbol', () => {
    expect(new RouteNames(Symbol('follow')).of(class Base {})).toBe('Base.Symbol(follow)');
  });
});
