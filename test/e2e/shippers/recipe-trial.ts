import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { TokenLife } from '../../../src/emulator/vcf-logs/token-ledger.ts';
import { freePort } from '../../support/free-port.ts';
import type { Installation } from '../../support/installation.ts';
import { recipe, tokenwardConfig } from '../../support/recipes.ts';

/** A recipe that is to be tried. */
export interface Use {
  /** The agent that stands for the page's `web-01`. Each use has one of its own, by which the server tells them apart. */
  readonly agent: string;
  /** The page. */
  readonly recipe: string;
  /** The heading under which the page has the files that are meant. */
  readonly section: string;
  /** What is written otherwise than on the page, such as an interval that is too long for a test. */
  readonly instead?: Readonly<Record<string, string>>;
  /** The host of the server; 127.0.0.1 where absent. */
  readonly host?: 'localhost';
  /** How long the server lets tokens of the agent live. */
  readonly life: TokenLife;
}

type Tree = Readonly<Record<string, unknown>>;

export interface AgentTree extends Tree {
  readonly files?: readonly Tree[];
}

/** The configuration of tokenward that a page shows. */
export interface ConfigTree {
  readonly agents: Readonly<Record<string, AgentTree>>;
  readonly listeners?: readonly Tree[];
  readonly proxies?: readonly Tree[];
}

/**
 * The files of a recipe below a folder that stands for the root of a host, with the addresses and names of this test in them.
 * Every `.key` of the page holds one key, which stands for the page's `KEY` too.
 */
export class RecipeTrial {
  readonly agent: string;
  readonly config: ConfigTree;
  readonly #adapt: (text: string) => string;

  private constructor({ agent }: Use, config: string, adapt: (text: string) => string) {
    this.agent = agent;
    this.#adapt = adapt;
    this.config = parse(adapt(config)) as ConfigTree;
  }

  static async create(use: Use, { emulator, folder, ca }: Installation): Promise<RecipeTrial> {
    const { agent, instead = {}, host = '127.0.0.1' } = use;
    const shown = recipe(use.recipe).files.filter(({ section }) => section === use.section);
    const texts = shown.map(({ content }) => content).join('');
    const config = shown.find(({ path }) => path === tokenwardConfig);
    const missing = Object.keys(instead).filter((text) => !texts.includes(text));
    if (config === undefined || missing.length > 0)
      throw new Error(`docs/shippers/${use.recipe}.md has no ${missing.join(', ') || tokenwardConfig}`);
    const key = randomBytes(32).toString('base64url');
    const words: Record<string, string> = {
      'https://logs.example.com': `https://${host}:${emulator.port}`,
      'logs.example.com': `${host}:${emulator.port}`,
      'web-01': agent,
      KEY: key,
      ...instead,
    };
    for (const [address] of texts.matchAll(/127\.0\.0\.1:\d+/g))
      words[address] ??= `127.0.0.1:${await freePort()}`;
    const trial = new RecipeTrial(use, config.content, adaptation(words, join(folder, agent)));
    await trial.#write('/etc/tokenward/ca.pem', ca);
    await mkdir(trial.adapt('/run/tokenward'), { recursive: true });
    for (const [path] of texts.matchAll(/\/etc\/[\w./-]+\.key\b/g)) await trial.#write(path, key);
    for (const { path, content } of shown) await trial.#write(path, trial.adapt(content));
    return trial;
  }

  /** A text or path of the page with what it is in this test. */
  adapt(text: string): string {
    return this.#adapt(text);
  }

  async #write(path: string, content: string): Promise<void> {
    const real = this.adapt(path);
    await mkdir(dirname(real), { recursive: true });
    await writeFile(real, content, { mode: 0o600 });
  }
}

function adaptation(words: Readonly<Record<string, string>>, root: string): (text: string) => string {
  const escaped = Object.keys(words).map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const whole = escaped.map((word) => String.raw`(?<!\w)${word}(?!\w)`);
  const pattern = new RegExp(
    [...whole, String.raw`(?<![\w.])/(?:etc|run|var|usr/local)(?=/)`].join('|'),
    'g',
  );
  return (text) => text.replaceAll(pattern, (found) => words[found] ?? `${root}${found}`);
}
