/**
 * The layers, as rules. What a layer may import is what stands before it in LAYERS, minus what is named here.
 * electron/setup/layers.test.ts plants a violation of each rule and sees it reported.
 */

/** From the bottom up. */
const LAYERS = ['contract', 'core', 'storage', 'audit', 'identity', 'traffic', 'apps', 'gateway', 'edge', 'control']

/** Neighbours that do not know each other, though one stands before the other. */
const APART = { traffic: ['identity'], edge: ['gateway'] }

/** What edge may know of the gateway: the type of what it is handed. */
const GATEWAY_PORT = '^runtime/gateway/(gateway|types)\\.ts$'

const TEST = '\\.test\\.tsx?$|(^|/)testing/'
const TYPES_ONLY = { dependencyTypesNot: ['type-only'] }

/** One rule a layer: what it must not import. Tests get helpers from runtime/testing beside that. */
const layerRules = LAYERS.map((layer, height) => {
  const below = LAYERS.slice(0, height).filter((name) => !APART[layer]?.includes(name))
  const allowed = [`^runtime/(${[...below, layer].join('|')})/`, '^runtime/testing/']
  return {
    name: `layer-${layer}`,
    comment: `runtime/${layer} imports ${below.length > 0 ? below.join(', ') : 'no other layer'}; nothing above, nothing beside.`,
    severity: 'error',
    from: { path: `^runtime/${layer}/` },
    to: { path: '^runtime/', pathNot: layer === 'edge' ? [...allowed, GATEWAY_PORT] : allowed },
  }
})

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'edge-gets-the-gateway-handed-in',
      comment: 'edge knows the type of the gateway only.',
      severity: 'error',
      from: { path: '^runtime/edge/', pathNot: TEST },
      to: { path: GATEWAY_PORT, ...TYPES_ONLY },
    },
    {
      name: 'runtime-roots',
      comment: 'runtime.ts <- index.ts <- cli.ts: the composition root does not know who starts it.',
      severity: 'error',
      from: { path: '^runtime/(runtime|index|runtime-events)\\.ts$' },
      to: { path: '^runtime/cli(\\.ts$|/)|^runtime/testing/' },
    },
    {
      name: 'runtime-without-index',
      comment: 'runtime/index.ts is the door for others; inside, files import each other.',
      severity: 'error',
      from: { path: '^runtime/', pathNot: TEST },
      to: { path: '^runtime/index\\.ts$' },
    },
    {
      name: 'runtime-without-shell',
      comment: 'The runtime runs headless: it never imports electron, nor the desktop shell, nor the panel.',
      severity: 'error',
      from: { path: '^runtime/' },
      to: { path: '^(electron|renderer|e2e)/|node_modules/electron/' },
    },
    {
      name: 'contract-without-node',
      comment: 'The contract also runs in the panel, where there is no Node.',
      severity: 'error',
      from: { path: '^runtime/contract/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sqlite-in-storage-only',
      severity: 'error',
      from: { pathNot: '^runtime/storage/' },
      to: { path: 'node_modules/(@types/)?better-sqlite3/' },
    },
    {
      name: 'keytar-in-secrets-only',
      severity: 'error',
      from: { pathNot: '^electron/secrets/' },
      to: { path: 'node_modules/keytar/' },
    },
    {
      name: 'electron-in-the-shell-only',
      comment: 'The panel sees the preload bridge; everything else runs without Electron.',
      severity: 'error',
      from: { pathNot: '^(electron|e2e)/|^runtime/' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'shell-knows-the-door-only',
      comment: 'electron/ knows the runtime through runtime/index.ts and its contract.',
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^runtime/', pathNot: ['^runtime/index\\.ts$', '^runtime/contract/', '^runtime/testing/'] },
    },
    {
      name: 'shell-without-panel',
      severity: 'error',
      from: { path: '^electron/' },
      to: { path: '^(renderer|e2e)/' },
    },
    {
      name: 'preload-is-types-and-electron',
      comment: 'A sandboxed preload stays small: whatever it imports runs in every page of the panel.',
      severity: 'error',
      from: { path: '^electron/preload\\.ts$' },
      to: { pathNot: 'node_modules/electron/', ...TYPES_ONLY },
    },
    {
      name: 'setup-apart',
      comment: 'electron/setup gets a machine ready before anything else is there.',
      severity: 'error',
      from: { path: '^electron/setup/' },
      to: { path: '^(runtime|renderer|e2e)/|^electron/(?!setup/)' },
    },
    {
      name: 'app-without-setup',
      severity: 'error',
      from: { path: '^(electron|renderer|runtime)/', pathNot: ['^electron/setup/', TEST] },
      to: { path: '^electron/setup/' },
    },
    {
      name: 'panel-knows-contracts-only',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/web/' },
      to: { path: '^(runtime|electron|e2e)/', pathNot: ['^runtime/contract/', '^electron/ipc/contract\\.ts$'] },
    },
    {
      name: 'panel-imports-types-only',
      comment:
        'Schemas and their library would come along into the panel. The filter language has none, and means the same in ' +
        'the panel and in the host only because both run the same code.',
      severity: 'error',
      from: { path: '^renderer/', pathNot: TEST },
      to: {
        path: '^runtime/contract/|^electron/ipc/contract\\.ts$',
        pathNot: '^runtime/contract/filter/',
        ...TYPES_ONLY,
      },
    },
    {
      name: 'filter-language-alone',
      comment: 'It runs in the panel and in its worker, so it brings nothing along.',
      severity: 'error',
      from: { path: '^runtime/contract/filter/', pathNot: TEST },
      to: { pathNot: '^runtime/contract/filter/' },
    },
    {
      name: 'panel-without-node',
      severity: 'error',
      from: { path: '^renderer/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pages-know-their-contract-only',
      comment: 'The pages in the browser know nothing of the panel and of IPC.',
      severity: 'error',
      from: { path: '^renderer/web/', pathNot: TEST },
      to: { path: '^(runtime|electron|e2e|renderer)/', pathNot: ['^runtime/contract/', '^renderer/web/'] },
    },
    {
      name: 'panel-without-pages',
      severity: 'error',
      from: { path: '^renderer/', pathNot: '^renderer/web/' },
      to: { path: '^renderer/web/' },
    },
    {
      name: 'helpers-for-tests-only',
      comment: 'What starts test hosts and test apps does not ship.',
      severity: 'error',
      from: { pathNot: [TEST, '^e2e/', '^runtime/bench/'] },
      to: { path: '(^|/)testing/|\\.test\\.tsx?$', pathNot: 'node_modules' },
    },
    {
      name: 'entries-are-imported-by-nobody',
      severity: 'error',
      from: {},
      to: { path: '^electron/(main|preload)\\.ts$|^runtime/cli\\.ts$|^renderer/main\\.tsx$' },
    },
    {
      name: 'shipped-code-uses-dependencies',
      comment:
        'What is not built in has to be in the package: dependencies, not devDependencies. Electron is there anyway.',
      severity: 'error',
      from: { path: '^(runtime|electron)/', pathNot: [TEST, '^electron/setup/', '^runtime/bench/'] },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/(electron|@types)/', ...TYPES_ONLY },
    },
    {
      name: 'packages-are-declared',
      severity: 'error',
      // That one runs inside of Electron's own archive, with a package.json of its own.
      from: { pathNot: '^electron/setup/default-app/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(out|dist)/' },
    // 'specify' tells imports of types from those that stay after compilation.
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
}
