/** The rooms of lib, lowest first: each may import only rooms that stand before it. */
const rooms = ['protocol', 'pusher', 'receiver'];

const mayImport = {
  protocol: [],
  pusher: ['protocol'],
  receiver: ['protocol'],
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^lib', pathNot: '\\.spec\\.ts$' }, to: {} },
    ...rooms.map((room) => ({
      name: `${room}-imports-only-downwards`,
      comment: `lib/${room} may import ${mayImport[room].join(', ') || 'nothing else'} of lib`,
      severity: 'error',
      from: { path: `^lib/${room}/`, pathNot: '\\.spec\\.ts$' },
      to: { path: '^lib/', pathNot: `^lib/(${[room, ...mayImport[room]].join('|')})/` },
    })),
    {
      name: 'other-rooms-through-their-index',
      severity: 'error',
      from: { path: '^lib/([^/]+)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^lib/[^/]+/', pathNot: ['^lib/$1/', '^lib/[^/]+/index\\.ts$'] },
    },
    {
      name: 'protocol-is-framework-free',
      severity: 'error',
      from: { path: '^lib/protocol/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg'] },
    },
    {
      name: 'lib-uses-only-declared-dependencies',
      severity: 'error',
      from: { path: '^lib/', pathNot: '\\.spec\\.ts$' },
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
