/**
 * The site: navigation, and anchors as GitHub makes them, so that a link to a heading works in both places. A link to a page
 * that does not exist fails the build.
 */

import { patchslim } from '@patchslim/browser/vite';
import { defineConfig } from 'vitepress';
import { slugOf } from '../scripts/markdown/slug.js';

const page = (text: string, link: string) => ({ text, link });

export default defineConfig({
  title: 'patchslim',
  description: 'Slims pretrained vision transformers by removing patches, layer by layer.',
  cleanUrls: true,
  head: [['link', { rel: 'icon', href: '/favicon.svg' }]],
  vite: { plugins: [patchslim()] },
  markdown: { anchor: { slugify: slugOf } },
  themeConfig: {
    search: {
      provider: 'local',
      // What is read out has to hold what is seen, the name of the button and its key, which a space sets apart.
      options: { translations: { button: { buttonText: 'Search ', buttonAriaLabel: 'Search K' } } },
    },
    nav: [
      page('Quick start', '/guide/quick-start'),
      page('Recipes', '/recipes/slim-a-checkpoint'),
      page('Playground', '/playground/'),
      page('Reference', '/reference/'),
      page('The paper', '/guide/paper'),
    ],
    sidebar: [
      {
        text: 'Guide',
        items: [
          page('Quick start', '/guide/quick-start'),
          page('Concepts', '/guide/concepts'),
          page('Glossary', '/guide/glossary'),
          page('The command line', '/guide/cli'),
          page('Backends', '/guide/backends'),
          page('Versions and systems', '/guide/versions'),
          page('Consumers', '/guide/consumers'),
          page('Model families', '/guide/model-families'),
          page('Config files, key by key', '/guide/config-files'),
          page('When things go wrong', '/guide/when-things-go-wrong'),
          page('Migration', '/guide/migration'),
        ],
      },
      {
        text: 'Recipes',
        items: [
          page('Slim a checkpoint', '/recipes/slim-a-checkpoint'),
          page('Choose a method', '/recipes/choose-a-method'),
          page('Meet a time budget', '/recipes/meet-a-time-budget'),
          page('Slim a CLIP or DINO encoder for image search', '/recipes/slim-an-encoder'),
          page('Bring your own model and images', '/recipes/bring-your-own'),
          page('Load a PyTorch checkpoint safely', '/recipes/load-a-pytorch-checkpoint'),
          page('Evaluate and compare', '/recipes/evaluate-and-compare'),
          page('Read a report', '/recipes/read-a-report'),
          page('Get accuracy back', '/recipes/get-accuracy-back'),
          page('Fine-tune on your images', '/recipes/fine-tune-on-your-images'),
          page('Export to ONNX', '/recipes/export-to-onnx'),
          page('Deploy with transformers.js', '/recipes/deploy-with-transformers-js'),
          page('Deploy with TensorFlow.js', '/recipes/deploy-with-tensorflow-js'),
          page('Run on CUDA', '/recipes/run-on-cuda'),
          page('Add a score', '/recipes/add-a-score'),
        ],
      },
      {
        text: 'Background',
        items: [
          page('The paper and this code', '/guide/paper'),
          page('Plans judged', '/guide/judged-plans'),
          page('Experiments', '/guide/experiments'),
          page('Benchmarks', '/guide/benchmarks'),
          page('What was not run', '/guide/not-run-here'),
          page('Design decisions', '/guide/decisions'),
        ],
      },
      {
        text: 'Reference',
        link: '/reference/',
        items: [
          'tensor',
          'backend-onnx',
          'backend-tfjs',
          'backends',
          'vit-models',
          'importance-estimators',
          'token-reducers',
          'slimming-schedules',
          'flop-counter',
          'datasets',
          'fashion-vit',
          'training',
          'slimming',
          'report',
          'browser',
          'patchslim',
        ].map((name) => page(name, `/reference/${name}`)),
      },
    ],
  },
});
