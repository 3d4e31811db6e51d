/** The arrows of lib: a room may import the rooms named here, each through its index.ts, and no other. */
const mayImport = {
  protocol: [],
  pusher: ['protocol'],
  channel: ['pusher', 'protocol'],
  access: ['channel', 'pusher', 'protocol'],
  admin: ['access', 'pusher', 'protocol'],
  receiver: ['protocol'],
  sources: ['receiver', 'protocol'],
  redis: ['access', 'channel', 'sources', 'receiver', 'protocol'],
  testing: ['channel', 'pusher', 'protocol'],
  openapi: ['pusher', 'protocol'],
  opentelemetry: ['sources', 'receiver', 'channel', 'pusher', 'protocol'],
  terminus: ['channel', 'sources', 'protocol'],
};

const rooms = Object.keys(mayImport);
const specs = '\\.spec\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^lib', pathNot: specs }, to: {} },
    ...rooms.map((room) => ({
      name: `${room}-imports-only-downwards`,
      comment: `lib/${room} may import ${mayImport[room].join(', ') || 'nothing else'} of lib`,
      severity: 'error',
      from: { path: `^lib/${room}/`, pathNot: specs },
      to: { path: '^lib/', pathNot: `^lib/(${[room, ...mayImport[room]].join('|')})/` },
    })),
    {
      name: 'every-room-has-its-arrows',
      comment: 'name a new room in mayImport at the top of .dependency-cruiser.cjs',
      severity: 'error',
      from: { path: '^lib/[^/]+/', pathNot: `^lib/(${rooms.join('|')})/` },
      to: {},
    },
    {
      name: 'other-rooms-through-their-index',
      severity: 'error',
      from: { path: '^lib/([^/]+)/', pathNot: specs },
      to: { path: '^lib/[^/]+/', pathNot: ['^lib/$1/', '^lib/[^/]+/(index|internal)\\.ts$'] },
    },
    {
      name: 'top-level-through-the-index-of-a-room',
      severity: 'error',
      from: { path: '^lib/[^/]+\\.ts$', pathNot: specs },
      to: { path: '^lib/[^/]+/', pathNot: '^lib/[^/]+/(index|internal)\\.ts$' },
    },
    {
      name: 'lib-stands-alone',
      severity: 'error',
      from: { path: '^lib/', pathNot: specs },
      to: { path: '^(test|sample|bench|dist)/' },
    },
    {
      name: 'protocol-is-framework-free',
      severity: 'error',
      from: { path: '^lib/protocol/', pathNot: specs },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'] },
    },
    {
      name: 'lib-uses-only-declared-dependencies',
      severity: 'error',
      from: { path: '^lib/', pathNot: specs },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
