import { DirectoryError } from '../directory-error.ts';
import type { ScimObject } from './attributes.ts';

/** An attribute of text; `undefined` where it is missing, null or empty. @throws DirectoryError `invalidValue` */
export function textOf(given: ScimObject, name: string): string | undefined {
  const value = given[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(name, 'text');
  return value;
}

/** @throws DirectoryError `invalidValue` */
export function booleanOf(given: ScimObject, name: string): boolean | undefined {
  const value = given[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw invalid(name, 'true or false');
  return value;
}

/** The elements of an attribute with several values. @throws DirectoryError `invalidValue` */
export function elementsOf(given: ScimObject, name: string): readonly ScimObject[] {
  const value = given[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(name, 'a list');
  return value as ScimObject[];
}

/** Ids in the `value` of each element. @throws DirectoryError `invalidValue` */
export function idsOf(given: ScimObject, name: string): ReadonlySet<string> {
  return new Set(
    elementsOf(given, name).map((element) => {
      const id = textOf(element, 'value');
      if (id === undefined) throw invalid(`${name}.value`, 'an id');
      return id;
    }),
  );
}

function invalid(name: string, expected: string): DirectoryError {
  return new DirectoryError('invalidValue', `'${name}' must be ${expected}.`, { param: name });
}
