/** TProtocolVersion: the Spark dialect of HiveServer2. */
export const PROTOCOL_V2 = 42_242;
/** The first version with parameters in ExecuteStatement. */
export const PROTOCOL_V8 = 42_248;

/** TStatusCode */
export const StatusCode = { SUCCESS: 0, SUCCESS_WITH_INFO: 1, ERROR: 3, INVALID_HANDLE: 4 } as const;

/** TOperationState by the state of the statement. */
export const operationStates = { RUNNING: 1, SUCCEEDED: 2, CANCELED: 3, CLOSED: 4, FAILED: 5 } as const;

/** TOperationType */
export const OperationType = {
  EXECUTE_STATEMENT: 0,
  GET_TYPE_INFO: 1,
  GET_CATALOGS: 2,
  GET_SCHEMAS: 3,
  GET_TABLES: 4,
  GET_TABLE_TYPES: 5,
  GET_COLUMNS: 6,
  GET_FUNCTIONS: 7,
  UNKNOWN: 8,
} as const;

/** TTypeId */
export const TypeId = {
  BOOLEAN: 0,
  TINYINT: 1,
  SMALLINT: 2,
  INT: 3,
  BIGINT: 4,
  FLOAT: 5,
  DOUBLE: 6,
  STRING: 7,
  TIMESTAMP: 8,
  BINARY: 9,
  ARRAY: 10,
  MAP: 11,
  STRUCT: 12,
  DECIMAL: 15,
  DATE: 17,
} as const;

/** TSparkRowSetType: values by column, not Arrow. */
export const COLUMN_BASED_SET = 1;

/** TFetchOrientation, as far as it is offered. */
export const Orientation = { NEXT: 0, FIRST: 4 } as const;
