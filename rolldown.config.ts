import { cpSync, rmSync } from 'node:fs';
import { defineConfig } from 'rolldown';
import page from './rolldown.page.config.ts';

/** `dist/` runs with Node alone: every dependency is inside, and commands are loaded when they are called. */
const program = defineConfig({
  input: 'src/main.ts',
  platform: 'node',
  treeshake: {
    // Of the client library only kubeconfig and authentication are used; its generated API, most of its memory,
    // is left out. None of its modules does anything when it is loaded.
    moduleSideEffects: (id) => !id.includes('/@kubernetes/client-node/'),
  },
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
  },
  plugins: [
    {
      name: 'local-cluster-assets',
      buildStart: () => rmSync('dist', { recursive: true, force: true }),
      writeBundle: () => {
        // Read at run time, so they are not part of the import graph.
        cpSync('src/localcluster/modules', 'dist/localcluster/modules', { recursive: true });
        cpSync('src/localcluster/examples', 'dist/localcluster/examples', { recursive: true });
      },
    },
  ],
});

export default [program, page];
