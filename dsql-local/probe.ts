/** A statement, and the code and words with which it is refused. */
export type Probe = readonly [sql: string, sqlstate: string, message: string];

export const all = (sqlstate: string, message: string, ...statements: readonly string[]): Probe[] =>
  statements.map((sql) => [sql, sqlstate, message]);
export const no = (message: string, ...statements: readonly string[]): Probe[] =>
  all("0A000", message, ...statements);
