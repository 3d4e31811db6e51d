import type { Type } from '@nestjs/common';
import type { SseDeadLetters } from './dead-letters.js';

/** Gives what all modules provide under a class. Throws where there is none, or none that is a singleton. */
export type InstancesOf = (type: Type<SseDeadLetters>) => readonly unknown[];

/** The one provider of a class that is to keep dead letters, or what is wrong with it. */
export function findDeadLetters(type: Type<SseDeadLetters>, instancesOf: InstancesOf): SseDeadLetters | string {
  const found = new Set(instancesIn(type, instancesOf));
  const [only] = found;
  if (found.size > 1) return `the class ${type.name}, which several modules provide: export it from one of them`;
  if (!only) return `the class ${type.name}, which no module provides as a singleton: add it to the providers of one`;
  return isDeadLetters(only) ? only : `the class ${type.name}, which must have a method deadLetter()`;
}

function instancesIn(type: Type<SseDeadLetters>, instancesOf: InstancesOf): readonly unknown[] {
  try {
    return instancesOf(type);
  } catch {
    return [];
  }
}

function isDeadLetters(value: unknown): value is SseDeadLetters {
  return typeof (value as Partial<SseDeadLetters>).deadLetter === 'function';
}
