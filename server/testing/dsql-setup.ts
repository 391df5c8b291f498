import { afterAll, beforeEach } from "vitest";
import { testsLeftOut } from "./not-on-dsql.ts";
import { closeDsql } from "./through-dsql.ts";

beforeEach(({ task, skip }) => {
  const found = testsLeftOut.find(
    ({ file, test }) => task.file.filepath.endsWith(`/${file}`) && task.name === test,
  );
  if (found) skip(found.reason);
});

afterAll(closeDsql);
