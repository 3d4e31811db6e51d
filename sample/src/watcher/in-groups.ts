import { bufferTime, filter, map, merge, type Observable, type OperatorFunction, share, skip, take } from 'rxjs';

/** The first value at once, for whoever waits to see that it works; then what has come in each stretch of time. */
export function inGroups<T>(everyMs: number): OperatorFunction<T, T[]> {
  return (values$: Observable<T>) => {
    const shared$ = values$.pipe(share());
    const first$ = shared$.pipe(
      take(1),
      map((value) => [value]),
    );
    const groups$ = shared$.pipe(
      skip(1),
      bufferTime(everyMs),
      filter((group) => group.length > 0),
    );
    return merge(first$, groups$);
  };
}
