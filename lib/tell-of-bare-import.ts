import { Logger, type Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { MODULE_OPTIONS_TOKEN } from './sse.module-definition.js';

/**
 * Logs an error where the bare class of a module is imported beside one with options. Nest makes two modules of that, and
 * says so nowhere; what is published with the channels of one reaches no stream of the other.
 */
export function tellOfBareImport(modules: ModulesContainer, type: Type): void {
  const all = [...modules.values()];
  const ours = all.filter(({ metatype }) => metatype === type);
  const bare = ours.find(({ providers }) => !providers.has(MODULE_OPTIONS_TOKEN));
  if (!bare || ours.length === 1) {
    return;
  }
  const importers = all.filter(({ imports }) => imports.has(bare)).map(({ name }) => name);
  new Logger(type.name).error(
    `${importers.join(', ')} imports ${type.name} without forRoot(), beside one that has options, and so gets channels of ` +
      'its own, in the memory of this process. Take the import out: forRoot() is for the whole application. With ' +
      'isGlobal: false, import the module that exports it.',
  );
}
