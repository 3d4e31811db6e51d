/** The Jest block of package.json and the compiler options that `nest new` of Nest 11 gives a CommonJS application. */
export const jestTemplate = {
  moduleFileExtensions: ['js', 'json', 'ts'],
  rootDir: 'src',
  testRegex: '.*\\.spec\\.ts$',
  transform: { '^.+\\.(t|j)s$': 'ts-jest' },
  collectCoverageFrom: ['**/*.(t|j)s'],
  coverageDirectory: '../coverage',
  testEnvironment: 'node',
};

/** The one line that the README asks for: this package is the one in node_modules that ts-jest must read too. */
export const readmeLine = '"transformIgnorePatterns": ["/node_modules/(?!.*nestjs-event-stream/)"]';

const shared = {
  declaration: true,
  removeComments: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  allowSyntheticDefaultImports: true,
  target: 'ES2023',
  sourceMap: true,
  outDir: './dist',
  baseUrl: './',
  incremental: true,
  skipLibCheck: true,
  strictNullChecks: true,
  forceConsistentCasingInFileNames: true,
  noImplicitAny: false,
  strictBindCallApply: false,
  noFallthroughCasesInSwitch: false,
};

export const compilerTemplates = {
  'its present template': {
    ...shared,
    module: 'nodenext',
    moduleResolution: 'nodenext',
    resolvePackageJsonExports: true,
    esModuleInterop: true,
    isolatedModules: true,
  },
  'its first template': { ...shared, module: 'commonjs' },
};
