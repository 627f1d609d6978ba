import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { recordingTerminal } from './recording-terminal.ts';

type Outcome = { readonly code: number; readonly out: string; readonly err: string };

async function run(...args: readonly string[]): Promise<Outcome> {
  const terminal = recordingTerminal();
  const code = await runProgram(args, terminal);
  return { code, out: terminal.stdout.text, err: terminal.stderr.text };
}

const COMMANDS = [
  'up',
  'sync',
  'webhook',
  'dashboard',
  'serve',
  'explain',
  'plan',
  'status',
  'history',
  'diff',
  'endpoints',
  'static-pods',
  'audit',
  'lint',
  'convert',
  'doctor',
  'policies',
  'rules',
];

/** Term and description of each entry under a heading of a help text. */
function entries(help: string, heading: string): readonly (readonly [string, string])[] {
  const [, section = ''] = help.split(`\n${heading}:\n`);
  const [block = ''] = section.split('\n\n');
  return block
    .replaceAll(/\n {3,}/g, ' ')
    .split('\n')
    .filter((line) => line.startsWith('  '))
    .map((line) => {
      const [term = '', ...description] = line.trim().split(/ {2,}/);
      return [term, description.join(' ')];
    });
}

describe('the help', () => {
  it('names every command', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    const terms = entries(out, 'Commands').map(([term]) => term.split(' ')[0]);
    expect(terms).toEqual([...COMMANDS, 'help']);
  });

  it('says of every command what it does', async () => {
    const { out } = await run('--help');
    for (const [term, description] of entries(out, 'Commands')) {
      expect(description, term).toMatch(/\w{2,}.* \w{2,}/);
    }
  });

  it.each([[[]], ...COMMANDS.map((command) => [[command]])])(
    'says of every option of %j what it is for',
    async (command) => {
      const { code, out } = await run(...command, '--help');
      expect(code).toBe(0);
      const options = entries(out, 'Options');
      expect(options.map(([term]) => term)).toContain('-h, --help');
      for (const [term, description] of options) {
        expect(term).toMatch(/^-/);
        // Choices and defaults, which come in brackets, do not say what an option is for.
        expect(description.replace(/^\(.*\)$/, ''), term).toMatch(/\w{2,}.* \w{2,}/);
      }
    },
  );

  it.each(COMMANDS)('gives examples of %s that begin as one types them', async (command) => {
    const { out } = await run(command, '--help');
    const [, examples = ''] = out.split('\nExamples:\n');
    const lines = examples.trim().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line.trim()).toMatch(new RegExp(`^everynode ${command}\\b`));
  });

  it.each(COMMANDS)('is the same for `help %s`', async (command) => {
    expect(await run('help', command)).toEqual(await run(command, '--help'));
  });

  it('of serve has the options of all that it runs', async () => {
    const terms = async (command: string): Promise<readonly string[]> =>
      entries((await run(command, '--help')).out, 'Options').map(([term]) => term);
    const parts = await Promise.all(['sync', 'webhook', 'dashboard'].map(terms));
    expect(new Set(await terms('serve'))).toEqual(new Set(parts.flat()));
  });

  it('is what one gets for no command at all, as an error', async () => {
    const { code, out, err } = await run();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Commands:');
  });
});

describe('the version', () => {
  it('is that of the package', async () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { version: string };
    expect(await run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });
});

it('a certificate for a dashboard that is nowhere is a mistake', async () => {
  const { code, err } = await run('serve', '--dashboard-cert-dir=certs');
  expect(err).toBe(
    'everynode: --dashboard-cert-dir: is for a dashboard; give --dashboard-bind-address HOST:PORT, too\n',
  );
  expect(code).toBe(2);
});

it('a dashboard nowhere is none to be served', async () => {
  const err = 'everynode: --dashboard-bind-address: 0 is nowhere; give HOST:PORT\n';
  expect(await run('dashboard', '--dashboard-bind-address=0')).toEqual({ code: 2, out: '', err });
});

describe('arguments that cannot be understood', () => {
  const cases: Record<string, readonly [readonly string[], string]> = {
    'an unknown command': [['roll'], "unknown command 'roll'"],
    'a command misspelt': [['upp'], 'Did you mean up?'],
    'an unknown flag': [['--bogus'], "unknown option '--bogus'"],
    'an unknown flag of a command': [['sync', '--bogus'], "unknown option '--bogus'"],
    'an argument too many': [['up', 'demo.yaml'], "too many arguments for 'up'"],
    'a flag without its value': [['sync', '--kubeconfig'], "option '--kubeconfig <file>' argument missing"],
    'a value that is no choice': [['sync', '--mode=both'], 'Allowed choices are own, assist, auto.'],
    'a value that is no number': [['webhook', '--port=http'], 'Expected a whole number from 0 to 65535.'],
    'a dashboard at no address': [
      ['serve', '--dashboard-bind-address=http://localhost'],
      'Expected HOST:PORT, :PORT, [IPv6]:PORT, or 0.',
    ],
    'no nodes at all': [['up', '--nodes=0'], 'Expected a whole number from 1 to 10000.'],
    'simulated nodes in a cluster that is there': [
      ['up', '--nodes=3', '--kubeconfig=k'],
      "option '--nodes <n>' cannot be used with option '--kubeconfig <file>'",
    ],
    'two ways to reach the webhook': [
      ['webhook', '--url=https://x', '--service=a/b'],
      "option '--url <url>' cannot be used with option '--service",
    ],
  };

  it.each(Object.entries(cases))('%s: exit code 2, and what is wrong', async (_, [args, message]) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain('(run with --help for what is possible)');
  });
});

describe('a command that fails', () => {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let before: readonly (readonly NodeJS.SignalsListener[])[];

  beforeEach(() => {
    before = signals.map((signal) => process.listeners(signal) as NodeJS.SignalsListener[]);
  });
  afterEach(() => {
    for (const [index, signal] of signals.entries()) {
      for (const listener of process.listeners(signal) as NodeJS.SignalsListener[]) {
        if (!before[index]?.includes(listener)) process.off(signal, listener);
      }
    }
  });

  it.each([
    ['up', ['up', '-f', '/nowhere/demo.yaml'], '/nowhere/demo.yaml does not exist; check --filename'],
    ['up', ['up', '-f', '/'], '/ is a folder; check --filename'],
    ['static-pods', ['static-pods', '/nowhere/demo.yaml'], '/nowhere/demo.yaml: does not exist'],
    [
      'sync',
      ['sync', '--kubeconfig=/nowhere/config'],
      'the kubeconfig /nowhere/config does not exist; check --kubeconfig or $KUBECONFIG',
    ],
    [
      'webhook',
      ['webhook', '--kubeconfig=/nowhere/config'],
      'the kubeconfig /nowhere/config does not exist; check --kubeconfig or $KUBECONFIG',
    ],
  ])(
    '%s tells why in one line on stderr, and ends with its code',
    async (_, args, message) => {
      expect(await run(...args)).toEqual({ code: 2, out: '', err: `everynode: ${message}\n` });
    },
    30_000,
  );
});
