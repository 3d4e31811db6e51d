import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { streamRouteOptions } from '../pusher/internal.js';
import type { GuardReference } from './guard-finder.js';

interface GuardedRoute {
  /** For an error: which option of which route. */
  readonly option: string;
  readonly guards: readonly GuardReference[];
}

/** The routes of all controllers, inherited ones too, that name guards for later. */
export function findGuardedRoutes(modules: ModulesContainer): GuardedRoute[] {
  const scanner = new MetadataScanner();
  return [...modules.values()].flatMap(({ controllers }) => {
    return [...controllers.values()].flatMap(({ metatype }) => {
      const prototype = metatype?.prototype as Record<string, object> | undefined;
      return scanner.getAllMethodNames(prototype ?? null).flatMap((method) => {
        const { guards } = streamRouteOptions(prototype![method]!)?.reauthorize || {};
        return guards ? [{ option: `reauthorize.guards of ${metatype!.name}.${method}`, guards }] : [];
      });
    });
  });
}
