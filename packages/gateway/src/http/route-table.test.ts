import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inferencePaths } from '../inference/inference-path.ts';
import { modelListRoutes } from './model-lists/index.ts';
import { restRoutes } from './rest/index.ts';
import { RouteTable } from './route-table.ts';

const get = (path: string) => ({ method: 'GET', path });
const post = (path: string) => ({ method: 'POST', path });

const table = new RouteTable([
  get('/api/things'),
  post('/api/things'),
  get('/api/things/{name}'),
  post('/api/things/special'),
  { method: 'DELETE', path: '/api/things/{id}' },
  get('/api/2.0/endpoints:list'),
  get('/v1/models/{model}'),
  post('/v1/models/{model}:generateContent'),
  post('/v1/models/{model}:countTokens'),
  get('/{one}/and/{two}'),
]);

describe('RouteTable', () => {
  it('finds static and parameterised paths', () => {
    expect(table.match('GET', '/api/things')).toEqual({ route: get('/api/things'), params: {} });
    expect(table.match('GET', '/api/things/a.b.c')).toEqual({
      route: get('/api/things/{name}'),
      params: { name: 'a.b.c' },
    });
    expect(table.match('DELETE', '/api/things/7')).toMatchObject({ params: { id: '7' } });
    expect(table.match('GET', '/x/and/y')).toMatchObject({ params: { one: 'x', two: 'y' } });
    expect(table.match('GET', '/api/2.0/endpoints:list')).toMatchObject({ params: {} });
    expect(table.match('GET', '/api/2.0/endpoints%3Alist')).toMatchObject({ params: {} });
  });

  it('prefers a literal, but not over the method', () => {
    expect(table.match('POST', '/api/things/special')).toMatchObject({ route: post('/api/things/special') });
    expect(table.match('GET', '/api/things/special')).toMatchObject({ params: { name: 'special' } });
    expect(table.match('PATCH', '/api/things/special')).toEqual({
      methodNotAllowed: ['DELETE', 'GET', 'HEAD', 'POST'],
    });
  });

  it('answers HEAD by GET and tells the methods of a known path', () => {
    expect(table.match('HEAD', '/api/things')).toMatchObject({ route: get('/api/things') });
    expect(table.match('PUT', '/api/things')).toEqual({ methodNotAllowed: ['GET', 'HEAD', 'POST'] });
    expect(table.match('HEAD', '/v1/models/x:countTokens')).toMatchObject({ params: { model: 'x:countTokens' } });
  });

  it.each([
    ['/v1/models/x:generateContent', 'x'],
    ['/v1/models/x%3AgenerateContent', 'x'],
    ['/v1/models/main.team.x:generateContent', 'main.team.x'],
    ['/v1/models/team/x:generateContent', 'team/x'],
    ['/v1/models/team%2Fx:generateContent', 'team/x'],
    ['/v1/models/a/b%2Fc/d:8b:generateContent', 'a/b/c/d:8b'],
    ['/v1/models/m%C3%B6del:generateContent', 'mödel'],
  ])('reads the model of %s', (path, model) => {
    expect(table.match('POST', path)).toEqual({ route: post('/v1/models/{model}:generateContent'), params: { model } });
  });

  it.each([
    '',
    'api/things',
    '/nowhere',
    '/api/things/',
    '//api/things',
    '/api//things',
    '/api/things/..',
    '/api/things/.',
    '/api/things/%2e%2e',
    '/api/things/%2E%2e',
    '/api/things/a%2f..%2fb',
    '/api/things/a%5c..%5cb',
    '/api/things/a\\b',
    '/api/things/a%00b',
    '/api/things/a\u0000b',
    '/api/things/%',
    '/api/things/%zz',
    '/api/things/%c0%ae',
    '/%61pi/things/x',
    '/v1/models/a/:generateContent',
    '/v1/models/a//b:generateContent',
    '/v1/models/a/../b:generateContent',
    '/v1/models/a%2F%2Fb:generateContent',
    '/v1/models/a/b',
  ])('does not match %j', (path) => {
    expect(table.match('GET', path)).toBeUndefined();
    expect(table.match('POST', path)).toBeUndefined();
  });

  it('needs a name before a verb', () => {
    expect(table.match('POST', '/v1/models/:generateContent')).toEqual({ methodNotAllowed: ['GET', 'HEAD'] });
  });

  it('refuses tables that cannot be meant', () => {
    expect(() => new RouteTable([get('/a/{x}'), get('/a/{y}')])).toThrow('Two routes');
    expect(() => new RouteTable([get('/a'), get('/a')])).toThrow('Two routes');
    expect(() => new RouteTable([get('/a/x{y}')])).toThrow('whole segment');
    expect(() => new RouteTable([get('/{a}:verb/b')])).toThrow('last segment');
    expect(() => new RouteTable([get('a')])).toThrow('slash');
  });

  it('takes every route of the gateway', () => {
    const all = [...restRoutes, ...modelListRoutes, ...inferencePaths.map(({ path }) => post(`/ai-gateway/${path}`))];
    const whole = new RouteTable<{ method: string; path: string }>(all);
    for (const route of all) {
      expect(whole.match(route.method, route.path.replace(/\{\w+\}/, 'a.b.c'))).toMatchObject({ route });
    }
  });

  it('never lets a hostile part through, and never throws', () => {
    const hostile = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '.%2E',
      '%2e',
      '',
      '%',
      '%g1',
      '%ff',
      '%00',
      'a%2f..',
      '%2F',
      '\u0000',
      'a\\..',
      'a%5C',
      '%0d%0a',
    );
    const plain = fc.constantFrom('api', 'things', 'v1', 'models', 'x:generateContent', 'and', 'a.b.c', 'a%2Fb');
    const parts = fc.tuple(fc.array(plain, { maxLength: 4 }), hostile, fc.array(plain, { maxLength: 4 }));
    fc.assert(
      fc.property(parts, fc.constantFrom('GET', 'POST', 'HEAD', '__proto__'), ([before, bad, after], method) => {
        expect(table.match(method, `/${[...before, bad, ...after].join('/')}`)).toBeUndefined();
      }),
    );
  });

  it('gives back only values without dot segments, for any text', () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom('/', '%2f', '..', '%2e', '%', ':generateContent', 'v1/models/', 'api/things/', '\\'),
        fc.string({ unit: 'binary', maxLength: 3 }),
      ),
    );
    fc.assert(
      fc.property(pieces, fc.constantFrom('GET', 'POST', 'DELETE'), (text, method) => {
        const match = table.match(method, `/${text.join('')}`);
        if (!match || !('route' in match)) return;
        for (const value of Object.values(match.params)) {
          expect(value.split(/[/\\]/).every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true);
        }
      }),
    );
  });

  it('brings any encoded name back', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => !/[\p{Cc}\\]/u.test(text) && !text.split('/').some((part) => ['', '.', '..'].includes(part)));
    fc.assert(
      fc.property(name, (text) => {
        expect(table.match('GET', `/api/things/${encodeURIComponent(text)}`)).toMatchObject({ params: { name: text } });
        expect(table.match('POST', `/v1/models/${encodeURIComponent(text)}:generateContent`)).toMatchObject({
          params: { model: text },
        });
      }),
    );
  });
});
