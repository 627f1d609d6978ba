import { cpSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const PAGE = 'src/dashboard/page';

/** What the dashboard serves, `dist/page`: all that a browser loads. */
export default defineConfig({
  input: `${PAGE}/main.tsx`,
  platform: 'browser',
  output: { dir: 'dist/page', format: 'esm', entryFileNames: 'page.js', minify: true },
  plugins: [
    {
      name: 'page-assets',
      writeBundle: () => {
        for (const file of ['index.html', 'page.css', 'icon.svg'])
          cpSync(`${PAGE}/${file}`, `dist/page/${file}`);
      },
    },
  ],
});
