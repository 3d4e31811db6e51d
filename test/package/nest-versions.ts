/** What a fresh application of each supported Nest major depends on. */
export interface NestVersion {
  major: 11 | 12;
  dependencies: Record<string, string>;
  /** `module` and `moduleResolution` of each kind of application. */
  modules: Record<'module' | 'commonjs', object>;
}

const nest = (range: string) => ({
  '@nestjs/common': range,
  '@nestjs/core': range,
  '@nestjs/platform-express': range,
  '@nestjs/platform-fastify': range,
  'reflect-metadata': '^0.2.2',
  rxjs: '^7.8.1',
  '@types/node': '^20',
});

const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };

export const nest12: NestVersion = {
  major: 12,
  dependencies: { ...nest('^12.5.0'), typescript: '~6.0.3', '@types/express': '^5.0.0' },
  // One application reads every declaration file, ours and those that ours lead to.
  modules: { module: { ...nodenext, skipLibCheck: false }, commonjs: nodenext },
};

export const nest11: NestVersion = {
  major: 11,
  dependencies: {
    ...nest('^11.2.0'),
    typescript: '^5.7.3',
    '@nestjs/testing': '^11.2.0',
    '@types/jest': '^30.0.0',
    jest: '^30.0.0',
    'ts-jest': '^29.3.2',
  },
  // Older CommonJS applications resolve packages the Node 10 way, which knows `typesVersions` but no `exports`.
  modules: { module: nodenext, commonjs: { module: 'commonjs', moduleResolution: 'node10' } },
};

/** The options that `nest new` gives an application, whatever its module system. */
export const applicationOptions = {
  types: ['node'],
  target: 'ES2023',
  strict: true,
  strictPropertyInitialization: false,
  isolatedModules: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  declaration: true,
  rootDir: './src',
  outDir: './dist',
};
