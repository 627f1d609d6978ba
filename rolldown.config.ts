import { cpSync, rmSync } from 'node:fs';
import { defineConfig } from 'rolldown';

/** `dist/` runs with Node alone: every dependency is inside, and commands are loaded when they are called. */
export default defineConfig({
  input: 'src/main.ts',
  platform: 'node',
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
