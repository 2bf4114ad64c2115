import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { xmlFlaw } from './well-formed.ts';

/** What every picture in docs/pictures/ must be, whoever made it when. */

const folder = 'docs/pictures';
const names = (await readdir(folder)).filter((name) => name.endsWith('.svg'));
const mostBytes = 150 * 1024;

/** As long as a secret (43 characters) or a token (64), and in their alphabet. */
const likeACredential = /(?<![\w-])[\w-]{43,}(?![\w-])/;

it('all pictures are there', () => {
  expect(names.toSorted()).toEqual([
    'crash-points.svg',
    'crash-scenarios.svg',
    'demo.svg',
    'fleet.svg',
    'rotation.svg',
    'status-watch.svg',
  ]);
});

describe.each(names)('%s', (name) => {
  const load = () => readFile(`${folder}/${name}`, 'utf8');

  it('is well-formed, tells its title and what it shows, and is small', async () => {
    const picture = await load();
    expect(xmlFlaw(picture)).toBeNull();
    expect(picture).toMatch(/<title id="title">[^<]{10,}<\/title>\n<desc id="desc">[^<]{40,}<\/desc>/);
    expect(Buffer.byteLength(picture)).toBeLessThan(mostBytes);
  });

  it('is whole by itself: no script, and nothing is loaded', async () => {
    const picture = (await load()).replace('xmlns="http://www.w3.org/2000/svg"', '');
    expect(picture).not.toMatch(/<script|<foreignObject|href=|url\(|@import|@font-face|\son\w+="/i);
  });

  it('shows no secret and nothing of the machine that made it', async () => {
    const picture = await load();
    expect(picture.match(likeACredential)).toBeNull();
    expect(picture).not.toMatch(
      /tokenward-(?:demo|studio|terminal)-|\/root\b|\/home\/|\/tmp\/(?!tokenward-demo\/)/,
    );
    const ports = [...picture.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port);
    expect(new Set(ports)).toEqual(new Set(ports.length === 0 ? [] : ['8443']));
  });

  it('follows the colours of the page, or brings its own; and stands still where nothing may move', async () => {
    const picture = await load();
    const isFilm = picture.includes('@keyframes');
    expect(picture).toContain(isFilm ? 'prefers-reduced-motion:reduce' : 'prefers-color-scheme: dark');
    expect(picture).toMatch(isFilm ? /class="window"/ : /class="paper"/);
  });
});

it('the check of XML finds what is wrong', () => {
  const cases = {
    '<a><b x="1"/></a>\n': null,
    '<a><b></a>': '</a> closes what is not open',
    '<a>': 'a never closed',
    '<a>1 & 2</a>': 'a stray & in & 2',
    '<a x="1" x="2"/>': 'an attribute twice in <a x="1" x="2"/>',
    '<a x=1></a>': 'a stray < in <a x=1>',
    '<a/>more': 'text after the end',
    '<a/><b/>': '<b/> after the end',
  };
  expect(Object.keys(cases).map(xmlFlaw)).toEqual(Object.values(cases));
});
