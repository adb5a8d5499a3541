// Type-aware lint for the whole workspace, and the direction of imports between packages (design: layers).
import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { platformRules } from './tools/testing/platform-rules.mjs';

const models = ['layer:tensor', 'layer:models'];
const layers = {
  'layer:tensor': ['layer:tensor'],
  'layer:backend': ['layer:tensor'],
  'layer:backends': ['layer:tensor', 'layer:backend'],
  'layer:models': models,
  'layer:estimators': models,
  'layer:reducers': [...models, 'layer:estimators'],
  'layer:schedules': [...models, 'layer:reducers'],
  'layer:counter': models,
  'layer:datasets': models,
  'layer:training': ['layer:tensor'],
  'layer:assets': [],
  'layer:pipeline': [
    ...models,
    'layer:estimators',
    'layer:reducers',
    'layer:schedules',
    'layer:counter',
    'layer:datasets',
    'layer:training',
  ],
};
layers['layer:browser'] = [...Object.keys(layers).filter((name) => name !== 'layer:assets'), 'layer:browser'];
layers['layer:report'] = [
  ...models,
  'layer:reducers',
  'layer:schedules',
  'layer:counter',
  'layer:pipeline',
  'layer:report',
];
const forTests = [...Object.keys(layers), 'layer:testing'];

/** Import rules; tests and benchmarks may choose a backend, library code may not. */
const boundaries = (extra) => [
  'error',
  {
    enforceBuildableLibDependency: false,
    allowCircularSelfDependency: true,
    depConstraints: [
      ...Object.entries(layers).map(([sourceTag, allowed]) => ({
        sourceTag,
        onlyDependOnLibsWithTags: [...allowed, ...extra],
      })),
      { sourceTag: 'layer:testing', onlyDependOnLibsWithTags: [] },
      { sourceTag: 'layer:app', onlyDependOnLibsWithTags: ['*'] },
    ],
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', 'docs/.vitepress/cache/**'] },
  js.configs.recommended,
  { languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } } },
  {
    files: ['packages/**/*.ts', 'tools/**/*.ts', 'docs/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries([]),
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['packages/**/*.test.ts', 'packages/*/bench/**/*.ts', 'packages/*/test/**/*.ts'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': boundaries(forTests) },
  },
  ...platformRules,
);
