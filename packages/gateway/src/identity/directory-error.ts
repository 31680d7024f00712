import type { ErrorCode } from '../errors/catalogue.ts';
import { GatewayError, type GatewayErrorOptions } from '../errors/gateway-error.ts';

/** What is wrong with a change of the directory, in the words of RFC 7644 table 9. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue';

/** A refusal that SCIM clients get with its `scimType`; others see an ordinary error of the catalogue. */
export class DirectoryError extends GatewayError {
  readonly scimType: ScimType;

  constructor(scimType: ScimType, message: string, options?: GatewayErrorOptions) {
    super(codeOf(scimType), message, options);
    this.scimType = scimType;
  }
}

function codeOf(scimType: ScimType): ErrorCode {
  if (scimType === 'uniqueness') return 'caller_already_exists';
  return scimType === 'mutability' ? 'caller_invalid_state' : 'caller_invalid_parameter';
}
